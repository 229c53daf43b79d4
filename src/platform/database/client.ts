import pg from 'pg';
import { Flight, type Answer, type KeptStatements } from './flight.js';

/**
 * A connection to the database. Its end never ends the process.
 *
 * The driver tells of an end that nobody waits for by an `error` event, and Node ends a process that hears no
 * such event. A pool listens only between two uses of a connection. A server that ends may write its farewell
 * behind the answer that opened the connection or gave it back: then nobody listens yet. So this one listens
 * from its birth. Whoever uses it still gets the error, with the statement under way or with the next one.
 */
export class Client extends pg.Client {
  private readonly kept: KeptStatements = new Map();
  /** Under way to be sent. */
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
   * A statement of a connection in pipeline mode. What is sent before the event loop turns travels in one
   * flight, in the order of the calls.
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
