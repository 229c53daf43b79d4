import pg from 'pg';
import { Flight, type Answer, type KeptStatements } from './flight.js';

/**
 * A connection to the database. Its end never ends the process.
 *
 * When a connection ends and no statement waits, the driver sends an `error` event. Node ends a process that
 * does not listen to such an event. A pool listens only between two uses of a connection. But a server that
 * ends may write its last message directly behind an answer: the answer that opened the connection, or the
 * answer after which the connection was given back. At that moment the pool does not listen yet. So this
 * class listens from the start. The caller still gets the error, with the current statement or with the next
 * statement.
 */
export class Client extends pg.Client {
  private readonly kept: KeptStatements = new Map();
  /** The flight that is not sent yet. */
  private flight: Flight | undefined;

  constructor(config?: string | pg.ClientConfig) {
    super(config);
    this.on('error', () => undefined);
    // Statements that come another way, such as those of TypeORM, keep their place in the order.
    this.query = ((...statement: [string]) => {
      if (this.flight) this.depart(this.flight);
      return super.query(...statement);
    }) as pg.Client['query'];
  }

  /**
   * Sends a statement over a connection in pipeline mode. All statements of one tick travel in one flight, in
   * the order of the calls.
   * @param name under which the server keeps it for this connection
   */
  send(sql: string, values: unknown[], name?: string): Promise<Answer> {
    if (!this.flight) {
      const flight = new Flight(this.kept);
      super.query(flight);
      this.flight = flight;
      process.nextTick(() => this.depart(flight));
    }
    return this.flight.add(sql, values, name);
  }

  private depart(flight: Flight): void {
    if (this.flight !== flight) return;
    this.flight = undefined;
    flight.depart();
  }
}
