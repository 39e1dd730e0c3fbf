import { describe, expect, test } from '@jest/globals';
import { readConfig } from '../../src/config.js';
import type { SourceSettings } from '../../src/ingestSettings.js';
import { readSchedules } from '../../src/ingest/ingestSchedule.js';
import { FAKE_SOURCES } from '../support/fakeRunner.js';

describe('the configuration', () => {
  test('says of each source what it likes, and nothing by itself', () => {
    expect(readConfig({})).toMatchObject({ submissionLookup: true, ingest: { sources: new Map(), contact: null } });
    const config = readConfig({
      SUBMISSION_LOOKUP: 'false', INGEST_CONTACT: 'mailto:desk@pond.example',
      INGEST_POND_SCHEDULE: '0 4 * * *', INGEST_POND_OPTIONS: `--search "cat:cs.LG AND ti:'pond'" --limit=500`, INGEST_LAKE_TWO_URL: 'http://localhost:8080/lake//', INGEST_LAKE_TWO_TOKEN: 's3cret', INGEST_FILES_TOKEN: '',
    });
    expect(config.submissionLookup).toBe(false);
    expect(config.ingest.contact).toBe('mailto:desk@pond.example');
    expect([...config.ingest.sources]).toEqual([
      ['pond', { schedule: '0 4 * * *', options: ['--search', "cat:cs.LG AND ti:'pond'", '--limit=500'], url: null, token: null }],
      ['lake-two', { schedule: null, options: [], url: 'http://localhost:8080/lake', token: 's3cret' }],
    ]);
  });

  test.each([
    ['INGEST_POND_SHEDULE', '0 4 * * *', 'must be INGEST_CONTACT, or INGEST_<SOURCE> with _SCHEDULE, _OPTIONS, _URL or _TOKEN'],
    ['INGEST_SCHEDULE', '0 4 * * *', 'must be INGEST_CONTACT, or INGEST_<SOURCE> with _SCHEDULE, _OPTIONS, _URL or _TOKEN'],
    ['INGEST_POND_OPTIONS', '--search "open', 'must close its quotes, received "--search \\"open"'],
    ['INGEST_POND_URL', 'ftp://pond.example', 'must be an http or https address, received "ftp://pond.example"'],
    ['INGEST_POND_URL', 'https://', 'must be an http or https address, received "https://"'],
  ])('refuses %s=%s', (variable, value, rule) => {
    expect(() => readConfig({ [variable]: value })).toThrow(`the configuration is not valid\n  ${variable}: ${rule}`);
  });

  test('names every variable that is wrong, also beside others', () => {
    expect(() => readConfig({ PORT: 'x', INGEST_POND_URL: 'x', INGEST_X_Y: '1' })).toThrow(/PORT: .*\n {2}INGEST_POND_URL: .*\n {2}INGEST_X_Y: /);
  });
});

describe('schedules', () => {
  const read = (settings: Record<string, Partial<SourceSettings>>): ReturnType<typeof readSchedules> =>
    readSchedules(new Map(Object.entries(settings).map(([name, one]) => [name, { schedule: null, options: [], url: null, token: null, ...one }])), { sources: () => Promise.resolve(FAKE_SOURCES) });

  test('are read with what they ask', async () => {
    const schedules = await read({ pond: { schedule: '30 4 * * 1', options: ['--search', 'cat:cs.LG', '--limit=500', '--withdrawn'] }, 'lake-two': { url: 'http://x.example' } });
    expect([...schedules.keys()]).toEqual(['pond']);
    const pond = schedules.get('pond')!;
    expect(pond).toMatchObject({ source: 'pond', expression: '30 4 * * 1', options: { search: 'cat:cs.LG', limit: 500, withdrawn: true } });
    // 2026-03-02 is a Monday; an hour of the clock is one of UTC, wherever the server is.
    expect(pond.nextAfter(new Date('2026-03-01T10:00:00Z'))).toEqual(new Date('2026-03-02T04:30:00Z'));
    expect(pond.nextAfter(new Date('2026-03-02T04:30:00Z'))).toEqual(new Date('2026-03-09T04:30:00Z'));
  });

  test.each<[Record<string, Partial<SourceSettings>>, string]>([
    [{ sea: { schedule: '* * * * *' } }, 'INGEST_SEA_SCHEDULE: there is no source sea; there are pond, lake-two, files'],
    [{ 'dead-sea': { token: 'secret' } }, 'INGEST_DEAD_SEA_TOKEN: there is no source dead-sea; there are pond, lake-two, files'],
    [{ files: { schedule: '* * * * *' } }, 'INGEST_FILES_SCHEDULE: files reads files, which the command line alone does'],
    [{ pond: { schedule: '61 * * * *' } }, 'INGEST_POND_SCHEDULE: must be a cron expression of five fields, received "61 * * * *" (Invalid value for minute: 61)'],
    [{ pond: { schedule: '* * * * * *' } }, 'INGEST_POND_SCHEDULE: must be a cron expression of five fields, received "* * * * * *"'],
    [{ pond: { schedule: '2026-12-24T00:00:00' } }, 'INGEST_POND_SCHEDULE: must be a cron expression of five fields, received "2026-12-24T00:00:00"'],
    [{ pond: { schedule: 'daily' } }, 'INGEST_POND_SCHEDULE: must be a cron expression of five fields, received "daily"'],
    [{ pond: { schedule: '@daily' } }, 'INGEST_POND_SCHEDULE: must be a cron expression of five fields, received "@daily"'],
    [{ pond: { schedule: '0 0 30 2 *' } }, 'INGEST_POND_SCHEDULE: must have a next time, received "0 0 30 2 *"'],
    [{ pond: { options: ['--colour', 'red'] } }, 'INGEST_POND_OPTIONS: options must be options of pond (search, limit, withdrawn), received "colour"'],
    [{ pond: { options: ['red'] } }, 'INGEST_POND_OPTIONS: options must be given by name, such as --limit 500, received "red"'],
    [{ pond: { options: ['--limit', 'many'] } }, 'INGEST_POND_OPTIONS: limit must be a number, received "many"'],
    [{ pond: { options: ['--limit'] } }, 'INGEST_POND_OPTIONS: limit must be a number, received ""'],
    [{ pond: { schedule: 'x' }, sea: { url: 'http://x.example' } }, '\n  INGEST_SEA_URL: there is no source sea'],
  ])('are refused: %j', async (settings, message) => {
    await expect(read(settings)).rejects.toThrow(message);
  });
});
