import type { EventQueue } from '../graphql/eventQueue.js';

/** What a subscriber is told: the row to show, read when it is shown. */
export interface LiveEvent {
  readonly rowId: number;
}

export type LiveQueue = EventQueue<LiveEvent>;

/** The subscribers of each paper or reader. */
export class Topics {
  private readonly byId = new Map<number, Set<LiveQueue>>();

  get ids(): number[] {
    return [...this.byId.keys()];
  }

  add(id: number, queue: LiveQueue): void {
    const queues = this.byId.get(id) ?? new Set();
    this.byId.set(id, queues.add(queue));
  }

  remove(id: number, queue: LiveQueue): void {
    const queues = this.byId.get(id);
    queues?.delete(queue);
    if (queues?.size === 0) this.byId.delete(id);
  }

  /** One event for all: what one of them loads for it, all of the same viewer have. */
  tell(id: number, event: LiveEvent, isSaidAgain?: (waiting: LiveEvent) => boolean): void {
    for (const queue of this.byId.get(id) ?? []) queue.push(event, isSaidAgain);
  }
}
