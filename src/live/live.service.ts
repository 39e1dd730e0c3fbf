import { badInput } from '../errors.js';
import type { FeedPeriod } from '../feeds/feed.type.js';
import { dayIn, periodOf } from '../feeds/period.js';
import { EventQueue } from '../graphql/eventQueue.js';
import { checkedList } from '../inputRules.js';
import type { TagCondition } from '../papers/paper.type.js';
import type { LiveLog, LiveRow, Watched } from './liveLog.service.js';
import { Topics, type LiveEvent, type LiveQueue } from './topics.js';
import { VoteWindows } from './voteWindows.js';

// As the recommender: what is announced is read within a fraction of a second, what is not within a second.
const WAKE_AFTER_MS = 50;
const POLL_EVERY_MS = 1000;
const MAX_TAGS = 20;
const MONTH_MS = 31 * 86_400_000;

export type EventTopic = 'VOTE' | 'COMMENT' | 'NOTIFICATION';

type ListedPaper = Extract<LiveRow, { kind: 'PAPER' }>;

/** Which new papers a subscriber is told of. */
export interface ListedFilter {
  readonly period: FeedPeriod;
  readonly tags: TagCondition | null;
}

/**
 * Tells subscribers of what is committed, by whichever server: reads the logs once for all of them, while there are any,
 * and tells each by its topic.
 */
export class LiveService {
  /** Called when the logs could not be read; they are read again. */
  onFailure: (error: unknown) => void = () => undefined;
  private readonly topics: Readonly<Record<EventTopic, Topics>> = { VOTE: new Topics(), COMMENT: new Topics(), NOTIFICATION: new Topics() };
  private readonly listeners = new Map<LiveQueue, (paper: ListedPaper, today: string) => boolean>();
  private readonly queues = new Set<LiveQueue>();
  private readonly windows = new VoteWindows((paperId) => {
    // The state is read when it is shown: an event that waits says it as well.
    this.topics.VOTE.tell(paperId, { rowId: paperId }, () => true);
  });
  /** What the last read saw; null while nobody subscribes. */
  private snapshot: string | null = null;
  private reading: Promise<void> | null = null;
  private poll: NodeJS.Timeout | undefined;
  private wakeTimer: NodeJS.Timeout | null = null;

  constructor(
    private readonly log: LiveLog,
    private readonly timeZone: string,
  ) {}

  get subscriberCount(): number {
    return this.queues.size;
  }

  /** Events that are there and were not taken yet. */
  get waitingCount(): number {
    let count = 0;
    for (const { waitingCount } of this.queues) count += waitingCount;
    return count;
  }

  /** The events of a paper's votes or comments, or of a reader's notifications, from now on. */
  subscribe(topic: EventTopic, id: number): Promise<LiveQueue> {
    const topics = this.topics[topic];
    return this.open((queue) => {
      topics.add(id, queue);
      return () => { topics.remove(id, queue); };
    });
  }

  /** The papers that come into the current period of the feed; throws BAD_USER_INPUT. */
  async subscribeToPapers({ period, tags }: ListedFilter): Promise<LiveQueue> {
    const conditions = await this.tagConditions(tags ?? {});
    const matches = ({ listedOn, tagIds }: ListedPaper, today: string): boolean => {
      const { startsOn, endsOn } = periodOf(today, period);
      return listedOn >= startsOn && listedOn <= endsOn && conditions.every((ids) => tagIds.some((id) => ids.has(id)));
    };
    return this.open((queue) => {
      this.listeners.set(queue, matches);
      return () => { this.listeners.delete(queue); };
    });
  }

  /** To be called when something was written, here or by another server. */
  wake(): void {
    if (this.queues.size === 0) return;
    this.wakeTimer ??= setTimeout(() => {
      this.wakeTimer = null;
      const { reading } = this;
      // What was written after the read under way began is for the next one.
      if (reading === null) void this.read();
      else void reading.then(() => { this.wake(); });
    }, WAKE_AFTER_MS).unref();
  }

  /** Ends all streams. */
  async stop(): Promise<void> {
    for (const queue of [...this.queues]) await queue.return();
    await this.reading;
  }

  private async open(join: (queue: LiveQueue) => () => void): Promise<LiveQueue> {
    let leave = (): void => undefined;
    const queue: LiveQueue = new EventQueue<LiveEvent>(() => {
      leave();
      this.queues.delete(queue);
      if (this.queues.size === 0) this.rest();
    });
    this.queues.add(queue);
    leave = join(queue);
    try {
      await this.follow();
    } catch (error) {
      await queue.return();
      throw error;
    }
    return queue;
  }

  /** Whatever is committed once this has ended is read with all that is watched by now. */
  private async follow(): Promise<void> {
    await this.reading;
    if (this.snapshot === null) {
      const now = await this.log.now();
      // Another first subscriber may have been answered meanwhile, with an earlier one.
      this.snapshot ??= now;
    }
    this.poll ??= setInterval(() => { this.wake(); }, POLL_EVERY_MS).unref();
  }

  private rest(): void {
    clearInterval(this.poll);
    this.poll = undefined;
    this.snapshot = null;
    this.windows.clear();
  }

  private read(): Promise<void> {
    this.reading ??= this.catchUp()
      .catch((error: unknown) => { this.onFailure(error); })
      .finally(() => { this.reading = null; });
    return this.reading;
  }

  /** What a read that fails had told already is told again by the next one. */
  private async catchUp(): Promise<void> {
    const before = this.snapshot;
    if (before === null) return;
    let last = before;
    for await (const { rows, snapshot } of this.log.since(before, this.watched())) {
      const today = this.today();
      for (const row of rows) this.tell(row, today);
      last = snapshot;
    }
    if (this.queues.size > 0) this.snapshot = last;
  }

  private watched(): Watched {
    const { VOTE, COMMENT, NOTIFICATION } = this.topics;
    // No current period began more than a month ago.
    const listedFrom = this.listeners.size === 0 ? null : new Date(Date.parse(this.today()) - MONTH_MS).toISOString().slice(0, 10);
    return { voted: VOTE.ids, discussed: COMMENT.ids, notified: NOTIFICATION.ids, listedFrom };
  }

  private tell(row: LiveRow, today: string): void {
    if (row.kind === 'VOTE') {
      this.windows.voted(row.topicId);
      return;
    }
    const event: LiveEvent = { rowId: row.rowId };
    if (row.kind !== 'PAPER') this.topics[row.kind].tell(row.topicId, event);
    else for (const [queue, matches] of this.listeners) if (matches(row, today)) queue.push(event);
  }

  private today(): string {
    return dayIn(this.timeZone, new Date());
  }

  /** For each condition, the tags of which a paper must have one. */
  private async tagConditions({ any, all }: TagCondition): Promise<ReadonlySet<number>[]> {
    if (any?.length === 0) throw badInput('tags.any', 'must have at least 1 item', any);
    const groups = [...(any == null ? [] : [checkedList('tags.any', any, MAX_TAGS)]), ...checkedList('tags.all', all ?? [], MAX_TAGS).map((slug) => [slug])];
    return Promise.all(groups.map(async (slugs) => new Set(await this.log.tagIds(slugs))));
  }
}
