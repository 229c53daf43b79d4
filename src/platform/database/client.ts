import pg from 'pg';

/**
 * A connection to the database. Its end never ends the process.
 *
 * The driver tells of an end that nobody waits for by an `error` event, and Node ends a process that hears no
 * such event. A pool listens only between two uses of a connection. A server that ends may write its farewell
 * behind the answer that opened the connection or gave it back: then nobody listens yet. So this one listens
 * from its birth. Whoever uses it still gets the error, with the statement under way or with the next one.
 */
export class Client extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config);
    this.on('error', () => undefined);
  }
}
