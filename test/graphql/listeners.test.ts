import { lookup } from 'node:dns/promises';
import { request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { Listeners } from '../../src/graphql/listeners.js';

function ask(host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    request({ host, port }, (response) => {
      let text = `${String(response.headers.connection)} `;
      response.on('data', (chunk) => (text += String(chunk))).on('end', () => { resolve(text); });
    }).on('error', reject).end();
  });
}

function listen(server: Server, host: string): Promise<number> {
  return new Promise((resolve) => { server.listen(0, host, () => { resolve((server.address() as AddressInfo).port); }); });
}

// Of all systems Linux alone has more addresses of its own than 127.0.0.1 in any case.
const onLinux = process.platform === 'linux' ? test : test.skip;

onLinux('each address of a name answers, and each is waited for at the end', async () => {
  const own = '127.0.0.2';
  const addresses = [own, ...(await lookup('localhost', { all: true })).map(({ address }) => address)];
  const listeners = new Listeners({ requestSeconds: 30, isSecure: () => false });
  const finish: (() => void)[] = [];
  const server = listeners.create((asked, response) => { finish.push(() => { response.end(asked.socket.localAddress); }); });
  const port = await listen(server, own);
  await listeners.listenBeside(server, { port, host: 'localhost' });
  const answers = Promise.all(addresses.map((address) => ask(address, port)));
  while (finish.length < addresses.length) await new Promise((resolve) => { setTimeout(resolve, 5); });
  let isOver = false;
  const drained = listeners.drain(20_000).then((cut) => {
    isOver = true;
    return cut;
  });
  for (const address of addresses) await expect(ask(address, port)).rejects.toThrow('ECONNREFUSED');
  expect([isOver, listeners.isDraining]).toEqual([false, true]);
  for (const end of finish) end();
  expect((await answers).sort()).toEqual(addresses.map((address) => `close ${address}`).sort());
  expect(await drained).toBe(0);
});

test('what takes longer than it may is cut, and said to be', async () => {
  const listeners = new Listeners({ requestSeconds: 30, isSecure: () => false });
  const port = await listen(listeners.create(() => undefined), '127.0.0.1');
  const asked = [ask('127.0.0.1', port), ask('127.0.0.1', port)].map((answer) => answer.catch((error: unknown) => String(error)));
  await new Promise((resolve) => { setTimeout(resolve, 200); });
  expect(await listeners.drain(100)).toBe(2);
  expect(await Promise.all(asked)).toEqual(['Error: socket hang up', 'Error: socket hang up']);
});
