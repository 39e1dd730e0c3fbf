// What the servers of the bench have in common: where the database is, how many connections it gets, and a line that says
// where they listen.
import pg from 'pg';

export const databaseUrl = process.env.DATABASE_URL;
export const poolSize = Number(process.env.DATABASE_POOL_SIZE);

/** Instants are read as text in UTC, as by the server that is measured. */
export function openPool() {
  return new pg.Pool({ connectionString: databaseUrl, max: poolSize, options: '-c DateStyle=ISO,MDY -c TimeZone=UTC' });
}

export function announce(server) {
  console.log(`ready at http://127.0.0.1:${server.address().port}/graphql`);
}
