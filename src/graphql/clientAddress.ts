import type { IncomingMessage } from 'node:http';
import { BlockList, isIP, isIPv6 } from 'node:net';

/** How many proxies stand before the server, or which addresses they have: `10.0.0.0/8`. */
export type TrustedProxies = number | readonly string[];

/** Finds out which address a request is from, whatever the client writes into its headers. */
export class ClientAddresses {
  private readonly isProxy: (address: string, hop: number) => boolean;

  constructor(trusted: TrustedProxies) {
    if (typeof trusted === 'number') {
      this.isProxy = (_address, hop) => hop < trusted;
      return;
    }
    const list = proxyList(trusted);
    this.isProxy = (address) => isIP(address) !== 0 && list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
  }

  /** Whether a trusted proxy sent it on. */
  isByProxy({ socket }: Pick<IncomingMessage, 'socket'>): boolean {
    return this.isProxy(unmapped(socket.remoteAddress ?? ''), 0);
  }

  /** The first address, from the server on, that is not a trusted proxy's. */
  of({ socket, headers }: Pick<IncomingMessage, 'socket' | 'headers'>): string {
    const forwarded = headers['x-forwarded-for'];
    const told = forwarded === undefined ? [] : String(forwarded).split(',').map((address) => address.trim());
    let address = unmapped(socket.remoteAddress ?? '');
    for (let hop = 0; told.length > 0 && this.isProxy(address, hop); hop += 1) {
      const next = unmapped(told.pop() ?? '');
      // What is no address was written by nobody who is trusted.
      if (isIP(next) === 0) break;
      address = next;
    }
    return address;
  }

  /** What the proxy that is nearest to the client says of the request in a header; null where none is trusted, or says it. */
  told({ socket, headers }: Pick<IncomingMessage, 'socket' | 'headers'>, header: `x-forwarded-${'proto' | 'host'}`): string | null {
    const said = headers[header];
    if (said === undefined || !this.isProxy(unmapped(socket.remoteAddress ?? ''), 0)) return null;
    return String(said).split(',')[0]?.trim().toLowerCase() ?? null;
  }
}

/** Whether clients reach the server by https: by what it is called, or by what a trusted proxy says of a request. */
export function secureRequests(publicUrl: string, addresses: ClientAddresses): (request: IncomingMessage) => boolean {
  if (publicUrl.startsWith('https:')) return () => true;
  return (request) => addresses.told(request, 'x-forwarded-proto') === 'https';
}

/** Throws RangeError for what is neither an address nor a network. */
export function proxyList(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', prefix] = network.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    if (isIP(address) === 0 || (prefix !== undefined && !/^\d{1,3}$/.test(prefix))) throw new RangeError(`${network} is no address or network`);
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  return list;
}

// A socket of both families writes IPv4 so.
function unmapped(address: string): string {
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
}

/** What an address stands for: of IPv6 the network of 64 bits, all of which one line has. */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [written = ''] = address.split('%');
  const [head = [], tail = []] = written.split('::').map((part) => part.split(':').filter((group) => group !== ''));
  // The end may be written as IPv4, of two groups.
  const missing = 8 - head.length - tail.length - (written.includes('.') ? 1 : 0);
  const groups = [...head, ...Array<string>(missing).fill('0'), ...tail].slice(0, 4);
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}
