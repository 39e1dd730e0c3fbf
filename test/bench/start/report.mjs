// The figures as text, and the limits that they must keep.
import { spreadText, table, text } from '../recommender/figures.mjs';

const ANSWER_MS = 1500;
const OURS_MS = 1000;
// A fifth of what the statement takes: far from waiting for it, and above the noise of a busy machine.
const HELD_UP_MS = 100;

export function limitsOf({ starts, ours, slow }) {
  return [
    atMost('process start to the first page, ms', starts.server.answer.median, ANSWER_MS),
    atMost('of it without PGlite’s opening, ms', ours.median, OURS_MS),
    atMost('event loop during a slow statement, ms', slow.thread.delay.max, HELD_UP_MS),
    atMost('event loop during a slow statement, own work, ms', slow.thread.delay.own.max, HELD_UP_MS),
    atMost('/healthz during a slow statement, ms', slow.thread.health, HELD_UP_MS),
  ];
}

function atMost(name, measured, limit) {
  return { name, measured, limit, holds: measured <= limit };
}

export function toText(figures) {
  return [heading(figures), startTable(figures), slowTable(figures), limitTable(figures)].join('\n');
}

function heading({ machine, startedAt, loadAverage, rounds, contents }) {
  return [
    `Start on the embedded database, ${startedAt}`,
    `Machine: ${machine.cores} cores, ${machine.cpu}, ${machine.os}, Node ${machine.node}; load average ${loadAverage.before[0]} before, ${loadAverage.after[0]} after`,
    `Folder: ${text(contents.papers)} papers, ${text(contents.authors)} authors, ${text(contents.readers)} readers, ${text(contents.votes)} votes`,
    `${rounds} rounds, in turn; figures are the median of the rounds (least–most)`,
  ].join('\n');
}

function startTable({ opening, starts, ours }) {
  const row = (name, { listening, answer, ready, processor }) => [name, ...[listening, answer, ready, processor].map(spreadText)];
  return [
    table('From the start of the process, ms', [['', 'listening', 'first page', 'ready', 'processor time to the page'], ...Object.entries(starts).map(([name, times]) => row(name, times))]),
    `PGlite alone opens the folder in ${spreadText(opening.opened)} ms, after ${spreadText(opening.boot)} ms of Node’s own start; the first page less that opening: ${spreadText(ours)} ms`,
  ].join('\n');
}

function slowTable({ slow }) {
  const rows = Object.entries(slow).map(([where, { statement, delay, health }]) => [where, statement, delay.p99, delay.max, delay.own.max, health]);
  return table('During one slow statement, ms; own: less what the thread waited for a processor', [['the database is on', 'the statement', 'event loop p99', 'event loop max', 'own max', 'slowest /healthz'], ...rows]);
}

function limitTable({ limits }) {
  return table('Limits', [['', 'measured', 'limit', ''], ...limits.map(({ name, measured, limit, holds }) => [name, measured, limit, holds ? 'holds' : 'MISSED'])]);
}
