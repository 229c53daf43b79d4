import { Injectable } from '@nestjs/common';
import {
  CatalogsReader,
  findArea,
  findCategory,
  type CatalogSnapshot,
} from '../../foundations/catalogs/catalogs.reader.js';
import {
  areaLabel,
  categoryLabel,
  CHANNEL_LABELS,
  PRIORITY_LABELS,
  STATUS_LABELS,
} from '../../foundations/catalogs/labels.js';
import type { Metric } from '../../foundations/sla/deadline.js';
import { METRIC_LABELS } from '../../foundations/sla/labels.js';
import { SlaService } from '../../foundations/sla/sla.service.js';
import { system } from '../../platform/actor.js';
import { Clock, localDay } from '../../platform/clock.js';
import { Database } from '../../platform/database/database.js';
import type { Tx } from '../../platform/database/tx.js';
import { labelOf } from '../../platform/http/labels.js';
import { CaseOpening, type NewCase } from '../cases/case-opening.js';
import { folioDigits } from '../cases/folio-digits.js';
import { newAccessCode, newFolio, parseAccessCode } from '../cases/folio.js';
import { MODE_LABELS } from '../cases/labels.js';
import { RoutingService } from '../triage/routing.service.js';
import { acknowledgement } from './acknowledgement.js';
import { admit, type Submission } from './admission.js';
import { AnswerVault, type KeptAnswer } from './idempotency.js';
import type { IntakeReceipt } from './report.receipt.js';

/** Result of one report of a batch. */
export type Received = { receipt: IntakeReceipt; caseId: string } | { refusal: unknown };

/**
 * Receive reports: the only command behind every channel. Opens many cases of one institution in one
 * transaction. A report that cannot be admitted is refused alone and stores nothing.
 */
@Injectable()
export class IntakeService {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly catalogs: CatalogsReader,
    private readonly routing: RoutingService,
    private readonly sla: SlaService,
    private readonly opening: CaseOpening,
    private readonly answers: AnswerVault,
  ) {}

  /**
   * Store all reports of one batch, or none of them: throws when the transaction failed.
   * @returns one result per submission, in order
   */
  async receive(institutionId: string, submissions: Submission[]): Promise<Received[]> {
    return this.database.tx(
      system('intake', institutionId),
      (tx) => this.receiveStep(tx, institutionId, submissions),
      {
        pool: 'intake',
      },
    );
  }

  /**
   * Step of a transaction of the system actor `intake`, for doors that must do more in the same transaction.
   */
  async receiveStep(tx: Tx, institutionId: string, submissions: Submission[]): Promise<Received[]> {
    const now = this.clock.now();
    const [catalog, rules, terms] = await Promise.all([
      this.catalogs.snapshot(tx, institutionId),
      this.routing.rules(tx, institutionId),
      this.sla.terms(tx, institutionId),
    ]);
    const inForce = this.routing.inForce(institutionId, rules, localDay(now, catalog.institution.timeZone));
    const results: Received[] = [];
    const accepted: (Accepted & { at: number })[] = [];
    for (const [at, submission] of submissions.entries()) {
      try {
        accepted.push({ at, ...this.accept(submission, catalog, inForce, now) });
      } catch (error) {
        results[at] = { refusal: error };
      }
    }
    const planned = this.opening.plan(
      catalog,
      terms,
      accepted.map(({ newCase }) => newCase),
    );
    const answers: KeptAnswer[] = [];
    for (const [index, { at, submission, newCase }] of accepted.entries()) {
      const { clocks, keys } = planned.opened[index]!;
      const receipt = receiptOf(catalog, submission, newCase, clocks);
      results[at] = { receipt, caseId: keys.caseId };
      if (submission.idempotency)
        answers.push({ ...submission.idempotency, answer: receipt, day: newCase.registeredOn });
    }
    // The statements are sent with the commit, so nobody gets a receipt before the commit.
    tx.later(this.opening.open(tx, planned));
    tx.later(this.answers.keep(tx, answers));
    return results;
  }

  /** Check one report and find out where it goes. @throws DomainError what is wrong with it */
  private accept(
    submission: Submission,
    catalog: CatalogSnapshot,
    inForce: ReturnType<RoutingService['inForce']>,
    now: Date,
  ): Accepted {
    const admitted = admit(submission, catalog, now);
    const { registeredOn, categoryId, municipality, content } = admitted;
    const stated = { categoryId, municipality, channel: submission.channel, text: content.narrative };
    const credentials = submission.credentials ?? {
      folio: newFolio(catalog.institution.prefix, Number(registeredOn.slice(0, 4))),
      accessCode: newAccessCode(),
    };
    const newCase: NewCase = {
      ...admitted,
      ...this.routing.propose(catalog, inForce, stated, registeredOn),
      ...(submission.report.urgent ? { priority: 'urgent' as const } : {}),
      folio: credentials.folio,
      accessCode: parseAccessCode(credentials.accessCode)!,
      channel: submission.channel,
      actor: submission.actor,
    };
    return { submission: { ...submission, credentials }, newCase };
  }
}

/** A report that becomes a case. */
interface Accepted {
  submission: Submission;
  newCase: NewCase;
}

function receiptOf(
  catalog: CatalogSnapshot,
  submission: Submission,
  opened: NewCase,
  clocks: { metric: Metric; dueOn: string }[],
): IntakeReceipt {
  const language = opened.content.language;
  const area = findArea(catalog, { id: opened.areaId })!;
  const category = opened.categoryId ? findCategory(catalog, { id: opened.categoryId }) : undefined;
  return {
    folio: opened.folio,
    ...(opened.channel === 'phone' ? { folioDigits: folioDigits(opened.folio) } : {}),
    accessCode: submission.credentials!.accessCode,
    mode: opened.content.mode,
    modeLabel: labelOf(MODE_LABELS, opened.content.mode, language),
    channel: opened.channel,
    channelLabel: labelOf(CHANNEL_LABELS, opened.channel, language),
    status: 'received',
    statusLabel: labelOf(STATUS_LABELS, 'received', language),
    receivedOn: opened.receivedOn,
    area: { code: area.code, label: areaLabel(area, language) },
    category: category ? { code: category.code, label: categoryLabel(category, language) } : null,
    priority: opened.priority,
    priorityLabel: labelOf(PRIORITY_LABELS, opened.priority, language),
    deadlines: clocks.map(({ metric, dueOn }) => ({
      metric,
      metricLabel: labelOf(METRIC_LABELS, metric, language),
      dueOn,
    })),
    acknowledgement: acknowledgement(language, {
      institution: catalog.institution.name,
      folio: opened.folio,
      dueOn: clocks.find((clock) => clock.metric === 'first_response')?.dueOn,
      today: opened.registeredOn,
      awaitsVoice: opened.content.voice,
    }),
  };
}
