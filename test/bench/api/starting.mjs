// Brings the contestants up on one database.
import { CONTESTANTS, POOL_SIZE } from './contestants.mjs';
import { BOUND } from './names.mjs';
import { startServer } from './serverProcess.mjs';

/** The bound is started in any case: it says what the answers must be. */
export async function startContestants(url, { contestants, say }) {
  const servers = [];
  const skipped = [];
  for (const [place, contestant] of CONTESTANTS.entries()) {
    if (!contestants.includes(contestant.name) && contestant.name !== BOUND) continue;
    const { name, nodeOf = () => process.execPath, needs } = contestant;
    const node = nodeOf();
    say(node === null ? `skipping ${name}: needs ${needs}` : `starting ${name}`);
    if (node === null) {
      skipped.push({ name, needs });
      continue;
    }
    const environment = { ...contestant.environment, DATABASE_URL: url, DATABASE_POOL_SIZE: String(POOL_SIZE) };
    const server = await startServer({ ...contestant, node, environment });
    servers.push({ ...server, place, dialect: contestant.dialect, origin: new URL(server.url).origin, found: {} });
  }
  return { servers, skipped };
}
