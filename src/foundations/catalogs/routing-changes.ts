import { Injectable } from '@nestjs/common';
import type { Tx } from '../../platform/database/tx.js';

export type RoutingListener = (tx: Tx, institutionId: string) => Promise<void>;

/**
 * Tells whoever listens that an administrator changed where reports go: a rule, or the area that takes what no rule decides.
 * Whoever sends reports to an area decides who reads them.
 */
@Injectable()
export class RoutingChanges {
  private readonly listeners: RoutingListener[] = [];

  onChange(listener: RoutingListener): void {
    this.listeners.push(listener);
  }

  /** Step of the transaction that changes it. */
  async tell(tx: Tx, institutionId: string): Promise<void> {
    for (const listener of this.listeners) await listener(tx, institutionId);
  }
}
