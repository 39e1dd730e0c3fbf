import { connect, createServer, type Server, type Socket } from 'node:net';

/** What stands between a server and its database, and may fail as networks do. */
export class TcpProxy {
  private readonly sockets = new Set<Socket>();
  private isSwallowing = false;
  private isRefusing = false;
  private isDeaf = false;
  private delayMs = 0;
  /** Looks at what clients send, before it is passed on. */
  onBytes: ((bytes: Buffer) => void) | null = null;

  private constructor(
    private readonly server: Server,
    private readonly target: number,
  ) {}

  static async to(target: number): Promise<TcpProxy> {
    const server = createServer();
    const proxy = new TcpProxy(server, target);
    server.on('connection', (client) => { proxy.join(client); });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get port(): number {
    return (this.server.address() as { port: number }).port;
  }

  get connectionCount(): number {
    return this.sockets.size / 2;
  }

  /** Ends all connections by a reset; new ones are made. */
  cut(): void {
    for (const socket of this.sockets) socket.resetAndDestroy();
  }

  /** The same, once the database has what was sent to it, and before anybody hears of it. */
  cutAfterPassing(): void {
    this.isDeaf = true;
    setTimeout(() => {
      this.cut();
      this.isDeaf = false;
    }, 200);
  }

  /** Takes connections and bytes, and passes nothing on, from now on; or passes on again, on new connections alone. */
  swallow(isOn: boolean): void {
    this.isSwallowing = isOn;
    if (!isOn) this.cut();
  }

  /** Ends each new connection at once. */
  refuse(isOn: boolean): void {
    this.isRefusing = isOn;
    if (isOn) this.cut();
  }

  /** Passes everything on so much later. */
  delay(milliseconds: number): void {
    this.delayMs = milliseconds;
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private join(client: Socket): void {
    if (this.isRefusing) {
      client.resetAndDestroy();
      return;
    }
    const database = connect(this.target, '127.0.0.1');
    for (const [from, to] of [[client, database], [database, client]] as const) {
      this.sockets.add(from);
      from.on('data', (bytes) => {
        if (from === client) this.onBytes?.(bytes);
        if (this.isSwallowing || (this.isDeaf && from === database)) return;
        if (this.delayMs === 0) to.write(bytes);
        else setTimeout(() => { if (!to.destroyed) to.write(bytes); }, this.delayMs);
      });
      from.on('error', () => undefined);
      from.on('close', () => {
        this.sockets.delete(from);
        if (!this.isSwallowing) to.destroy();
      });
    }
  }
}
