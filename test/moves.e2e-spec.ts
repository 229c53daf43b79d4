import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { StaffActor } from '../src/platform/actor.js';
import { CaseMoves, type Making, type Said } from '../src/work/cases/moves/case-moves.js';
import { Harness } from './setup/harness.js';

let h: Harness;
beforeAll(async () => {
  h = await Harness.start();
});
afterAll(() => h.stop());

/** Someone of the desk who has these permissions and no others. */
async function desk(...permissions: string[]): Promise<StaffActor> {
  const rows = await h.sql<{ id: string; name: string; email: string; institution_id: string }>(
    'owner',
    `select id, name, email, institution_id from accounts where email = 'mesa@conavi.demo'`,
  );
  const { id, name, email, institution_id: institutionId } = rows[0]!;
  return {
    kind: 'staff',
    accountId: id,
    name,
    email,
    institutionId,
    areas: '*',
    permissions: new Set(permissions),
  };
}

async function make(
  actor: StaffActor,
  change: (making: Making) => Said,
): Promise<{ status: string; moved: Promise<unknown> }> {
  const { folio } = await h.file();
  const moved = h.app.get(CaseMoves).make({ actor, folio }, change);
  await moved.catch(() => undefined);
  const rows = await h.sql<{ status: string }>('owner', 'select status from cases where folio = $1', [folio]);
  return { status: rows[0]!.status, moved };
}

describe('a file of a move that says something else than its row', () => {
  it('makes no move for which the account lacks the permission of the row, whatever its route asked for', async () => {
    const { status, moved } = await make(await desk('cases.assign'), ({ enter }) => {
      enter('triage');
      return {};
    });
    await expect(moved).rejects.toMatchObject({ code: 'FORBIDDEN', status: 403 });
    expect(status).toBe('received');
  });

  it('makes no move that only time makes', async () => {
    const { moved } = await make(await desk('cases.triage', 'cases.close'), ({ enter }) => {
      enter('archive');
      return {};
    });
    await expect(moved).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });

  it.each([
    ['no state', 'a move entered no state', () => undefined],
    [
      'two states',
      'a move enters one state',
      (enter: Making['enter']) => {
        enter('triage');
        enter('triage');
      },
    ],
  ])('changes nothing when it enters %s', async (_, message, entering: (enter: Making['enter']) => void) => {
    const { status, moved } = await make(await desk('cases.triage'), ({ enter, locked }) => {
      entering(enter);
      locked.row.priority = 'urgent';
      return {};
    });
    await expect(moved).rejects.toThrow(message);
    expect(status).toBe('received');
  });
});
