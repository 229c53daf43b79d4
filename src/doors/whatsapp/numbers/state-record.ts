import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../platform/database/tx.js';
import { WaNumberStateRow } from '../whatsapp.entities.js';
import type { NumberState } from './number-states.js';

/** A state with the local day since when. Never a time: it would tell when somebody was written to. */
export interface ShownState {
  state: NumberState;
  stateOn: string | null;
}

/** Keeps what is known about the connections of numbers. */
@Injectable()
export class StateRecord {
  /** Step: the states of the numbers of the actor's institution. */
  async all(tx: Tx): Promise<{ of(number: string): ShownState }> {
    const rows = await tx.query<{ number: string; state: NumberState; day: string }>(
      'select number, state, day::text from wa_number_states',
    );
    const known = new Map(rows.map((row) => [row.number, row]));
    return {
      of: (number) => {
        const { state, day } = known.get(number) ?? { state: 'unchecked', day: null };
        return { state, stateOn: day };
      },
    };
  }

  /** Step: nothing is known any more, because the number is off or has other credentials. */
  async forget(tx: Tx, number: string): Promise<void> {
    await tx.query('delete from wa_number_states where number = $1', [number]);
  }

  /**
   * Step: note a state. The day stays while the state does.
   * @returns whether the state is new
   */
  async note(tx: Tx, { number, institutionId, state, day }: WaNumberStateRow): Promise<boolean> {
    const changed = await tx.query(
      `insert into wa_number_states (number, institution_id, state, day) values ($1, $2, $3, $4)
       on conflict (number) do update set state = excluded.state, day = excluded.day
         where wa_number_states.state <> excluded.state
       returning 1`,
      [number, institutionId, state, day],
    );
    return changed.length > 0;
  }
}
