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
      this.depart();
      return super.query(...statement);
    }) as pg.Client['query'];
  }

  /**
   * Sends a statement over a connection in pipeline mode. What is sent before the event loop turns travels in
   * one flight, in the order of the calls.
   * @param name under which the server keeps it for this connection
   */
  send(sql: string, values: unknown[], name?: string): Promise<Answer> {
    if (!this.flight) {
      const flight = new Flight(this.kept);
      super.query(flight);
      this.flight = flight;
      // Later than whoever waits for one tick and then commits: the commit shall travel with the rest.
      process.nextTick(() =>
        queueMicrotask(() => process.nextTick(() => this.flight === flight && this.depart())),
      );
    }
    return this.flight.add(sql, values, name);
  }

  /** Sends the open flight now. What follows travels apart from it. */
  depart(): void {
    const { flight } = this;
    this.flight = undefined;
    flight?.depart();
  }
}
