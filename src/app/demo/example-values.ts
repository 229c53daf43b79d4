import type { INestApplicationContext } from '@nestjs/common';
import { CatalogsReader } from '../../foundations/catalogs/catalogs.reader.js';
import { Clock } from '../../platform/clock.js';
import { Database } from '../../platform/database/database.js';
import { EXAMPLE_CASES, EXAMPLE_FOLIO, exampleFolio } from '../../work/cases/example-cases.js';
import type { Status } from '../../work/cases/lifecycle.js';
import { canMove, type Move } from '../../work/cases/moves/moves.js';
import type { ExampleValues } from '../documentation/live.js';
import { EXAMPLE_ACCOUNT, EXAMPLE_LABEL, rowsOf } from './examples.js';
import { DEMO_INSTITUTIONS } from './institutions.js';
import { staffOf } from './staff.js';

const DEMO = DEMO_INSTITUTIONS[0]!;

/**
 * The move that the example of each operation makes. Triage sees every area. For the other moves the case
 * must be in the area of the example, where reports of this kind arrive by themselves.
 */
const MOVES: Readonly<Record<string, Move>> = {
  triageCase: 'triage',
  assignCase: 'assign_to_investigator',
  transferCase: 'transfer',
  startInvestigation: 'start_investigation',
  askReporter: 'ask_reporter',
  closeCase: 'conclude',
  reopenCase: 'reopen_investigation',
};

const EVIDENCE =
  'select e.id from evidence e join cases c on c.id = e.case_id where c.folio = $5 order by e.number limit 1';
const NUMBER = 'select id from wa_numbers where institution_id = $6 order by label, id limit 1';
const UPLOAD = 'select u.id from uploads u join cases c on c.id = u.case_id where c.folio = $5 limit 1';

/**
 * The query for the row that the `{id}` of each operation names. Everybody can read the catalogues, so their
 * queries name the institution.
 */
const IDS: Readonly<Record<string, string>> = {
  changeArea: `select id from areas where institution_id = $6 and code = 'OBRA'`,
  changeCategory: `select id from categories where institution_id = $6 and code = 'FRAUD'`,
  withdrawClosure:
    'select id from calendar_closures where institution_id = $6 and withdrawn_at is null and day > $2 order by day desc limit 1',
  endTerm: 'select id from sla_terms where institution_id = $6 order by created_at limit 1',
  changeAccount: 'select id from accounts where email = $3',
  setOneTimePassword: 'select id from accounts where email = $3',
  revokeChannelKey: 'select id from channel_keys where label = $1 and revoked_at is null',
  changeWhatsAppNumber: NUMBER,
  checkWhatsAppNumber: NUMBER,
  changeRoutingRule:
    'select id from routing_rules where institution_id = $6 order by label = $1 desc, position desc limit 1',
  agreeToApproval: `select id from approvals where state = 'open' and expires_at > $4 order by requested_at, id limit 1`,
  refuseApproval: `select id from approvals where state = 'open' and expires_at > $4 order by requested_at desc, id desc limit 1`,
  askUpload: UPLOAD,
  resumeUpload: UPLOAD,
  endUpload: UPLOAD,
  openEvidence: EVIDENCE,
  getCustody: EVIDENCE,
  writeTranscript: EVIDENCE,
  listOriginalRequests: EVIDENCE,
  requestOriginal: EVIDENCE,
  openOriginal: EVIDENCE,
  answerInformationRequest: `select r.id from information_requests r join cases c on c.id = r.case_id where c.folio = $5 and r.state = 'open'`,
};

/**
 * The values for the paths of the document's examples while the demo runs. They name rows that exist now. Of
 * the example cases they name a case whose state allows the move, even after somebody tried the example.
 */
export async function exampleValues(app: INestApplicationContext): Promise<ExampleValues> {
  const institution = (await app.get(CatalogsReader).institutions()).find(({ code }) => code === DEMO.code);
  if (!institution?.demo) return {};
  const clock = app.get(Clock);
  const parameters = [
    EXAMPLE_LABEL,
    clock.today('America/Mexico_City'),
    EXAMPLE_ACCOUNT,
    clock.now(),
    EXAMPLE_FOLIO,
    institution.id,
  ];
  const [ids, cases, notice] = await Promise.all([
    rowsOf<{ operation: string; id: string | null }>(app, institution.id, idsSql(), parameters),
    rowsOf<ExampleCase>(
      app,
      institution.id,
      'select c.folio, c.status, a.code as area from cases c join areas a on a.id = c.area_id where c.folio = any($1)',
      [EXAMPLE_CASES.map(({ folio }) => folio)],
    ),
    noticeOf(app, institution.id),
  ]);
  const values: Record<string, Record<string, string>> = {};
  for (const { operation, id } of ids) if (id !== null) values[operation] = { id };
  if (notice !== undefined) values.markNoticeRead = { id: notice };
  for (const [operation, move] of Object.entries(MOVES)) {
    const folio = folioFor(operation, move, cases);
    if (folio !== undefined) values[operation] = { folio };
  }
  return values;
}

/** One statement that reads all ids. */
function idsSql(): string {
  const each = Object.entries(IDS).map(
    ([operation, sql]) => `select '${operation}' as operation, (${sql}) as id`,
  );
  const types = 'select $1::text, $2::date, $3::text, $4::timestamptz, $5::text, $6::uuid';
  return `with given as (${types}) ${each.join(' union all ')}`;
}

interface ExampleCase {
  folio: string;
  status: Status;
  area: string;
}

/** The example case of the operation while its state allows the move, otherwise another one. */
function folioFor(operation: string, move: Move, cases: readonly ExampleCase[]): string | undefined {
  const fits = cases.filter(
    ({ status, area }) => canMove(status, move) && (move === 'triage' || area === DEMO.areas[0]),
  );
  const own = fits.find(({ folio }) => folio === exampleFolio(operation));
  return (own ?? fits.find((one) => one.folio !== EXAMPLE_FOLIO))?.folio;
}

/** The newest notice of the head of the example's area. Only this account sees its notices. */
async function noticeOf(app: INestApplicationContext, institutionId: string): Promise<string | undefined> {
  const { head } = await staffOf(app.get(Database), institutionId, DEMO);
  const rows = await app
    .get(Database)
    .tx(head, (tx) =>
      tx.query<{ id: string }>(
        'select id from notices where account_id = $1 order by at desc, id desc limit 1',
        [head.accountId],
      ),
    );
  return rows[0]?.id;
}
