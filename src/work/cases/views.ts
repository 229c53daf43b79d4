import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { INTEGRITY_LABELS } from '../../foundations/audit/labels.js';
import type { Integrity } from '../../foundations/audit/trail.views.js';
import {
  CHANNEL_LABELS,
  LANGUAGE_LABELS,
  municipalityLabel,
  PRIORITY_LABELS,
  STATUS_LABELS,
} from '../../foundations/catalogs/labels.js';
import { METRIC_LABELS, SOURCE_LABELS, STAGE_LABELS } from '../../foundations/sla/labels.js';
import type { Text } from '../../platform/errors.js';
import { ApiCode, ApiText } from '../../platform/http/labels.js';
import type { EntryView } from './case-entries.js';
import type { ReporterIdentity, ReportContent } from './case-vault.js';
import type { EntryFacts } from './entry-texts.js';
import { EvidenceCount, EvidenceItem } from './evidence-view.js';
import {
  AUTHOR_LABELS,
  ENTRY_LABELS,
  MODE_LABELS,
  MOVE_LABELS,
  OUTCOME_LABELS,
  LIST_URGENCY_LABELS,
  REQUEST_STATE_LABELS,
} from './labels.js';
import type { Writing } from './time-to-write.js';

/** Responses of case routes. They are whitelists, separate from the request classes. */
export class CodeLabel {
  @ApiProperty({ example: 'OIC' }) code!: string;
  @ApiText({ example: 'Órgano Interno de Control' }) label!: Text;
}

export class PersonRef {
  @ApiProperty({ format: 'uuid' }) id!: string;
  @ApiProperty({ example: 'Investigación' }) name!: string;
}

export class AssigneeRef extends PersonRef {
  @ApiProperty({
    description:
      'Si la cuenta sigue activa; con `false` asigna el caso a otra persona. Quien perdió el área conserva `true`: lo avisa `assignee_left`.',
  })
  active!: boolean;
}

const AWAITING_ANSWER =
  'Quien denuncia escribió o contestó después del último mensaje, pregunta o texto de cierre, también si el caso ya terminó. Lo quita una respuesta o la reapertura, no una nota interna ni el archivo del caso.';

const AWAITS_VOICE =
  'Es un relato por voz y su grabación no ha llegado. Cambia a `false` con el primer audio o video.';

export class SlaPlace {
  @ApiCode(LIST_URGENCY_LABELS, {
    description:
      'Lugar del caso entero, según su plazo más urgente; es lo que filtra `sla`. `breached`: algún plazo venció y sigue sin cumplirse (en el detalle ese plazo está `overdue`). `warning`: alguno está por vencer. `on_time`: ninguno. `ended`: el caso terminó; si cumplió lo dicen sus plazos, `met` o `late`.',
  })
  stage!: string;
  @ApiProperty({
    type: String,
    nullable: true,
    example: '2026-12-03',
    description: 'Vencimiento más próximo.',
  })
  nextDueOn!: string | null;
}

export class CaseSummary {
  @ApiProperty({ example: 'CNV-2026-7K3M-Q9TZ-4' }) folio!: string;
  @ApiProperty({ type: String, nullable: true, example: 'OIC/FRA/0001/2026' }) expediente!: string | null;
  @ApiCode(STATUS_LABELS) status!: string;
  @ApiProperty({ type: CodeLabel }) area!: CodeLabel;
  @ApiProperty({ type: CodeLabel, nullable: true }) category!: CodeLabel | null;
  @ApiCode(PRIORITY_LABELS, { example: 'normal' }) priority!: string;
  @ApiCode(municipalityLabel, { example: '15002', nullable: true }) municipality!: string | null;
  @ApiCode(CHANNEL_LABELS) channel!: string;
  @ApiProperty({ example: '2026-11-20', description: 'Día local; nunca la hora.' }) receivedOn!: string;
  @ApiProperty({ type: AssigneeRef, nullable: true }) assignee!: AssigneeRef | null;
  @ApiProperty({ example: true, description: AWAITING_ANSWER }) awaitingAnswer!: boolean;
  @ApiProperty({ example: false, description: AWAITS_VOICE }) awaitsVoice!: boolean;
  @ApiProperty({ type: SlaPlace }) sla!: SlaPlace;
  @ApiProperty({ example: 3 }) version!: number;
}

export class CasePage {
  @ApiProperty({ type: [CaseSummary] }) items!: CaseSummary[];
  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Para pedir la página siguiente; null en la última.',
  })
  nextCursor!: string | null;
}

export class DeadlineView {
  @ApiCode(METRIC_LABELS) metric!: string;
  @ApiProperty({ example: '2026-11-20' }) startedOn!: string;
  @ApiProperty({ example: '2026-11-25', description: 'Último día local del plazo, completo.' })
  dueOn!: string;
  @ApiProperty({ example: '2026-11-24', description: 'Desde este día se avisa.' }) warnOn!: string;
  @ApiProperty({ example: 3, description: 'Días hábiles.' }) businessDays!: number;
  @ApiCode(SOURCE_LABELS, {
    example: 'propuesta',
    description: 'De dónde sale el plazo; «propuesta» no es ley.',
  })
  source!: string;
  @ApiCode(STAGE_LABELS, {
    description:
      'Estado de este plazo. Corre: `on_time`, `warning` (por vencer) u `overdue` (venció y sigue sin cumplirse; en las listas el caso está `breached`). Terminó: `met` (a tiempo), `late` (después de vencer) o `cancelled` (ya no se debe).',
  })
  stage!: string;
  @ApiProperty({ type: String, nullable: true, example: '2026-11-23T10:15:00-06:00' }) stoppedAt!:
    string | null;
}

export class RoutingView {
  @ApiProperty({ format: 'uuid' }) id!: string;
  @ApiProperty({ example: 'Fraude y gestores falsos' }) label!: string;
  @ApiProperty({ description: 'Si la mesa ya lo confirmó o cambió.' }) confirmed!: boolean;
}

/** Where a rule would send a report. The desk decides. */
export class ProposedRoute {
  @ApiProperty({ format: 'uuid', description: 'La regla.' }) id!: string;
  @ApiProperty({ example: 'Fraude y gestores falsos' }) label!: string;
  @ApiProperty({ type: CodeLabel }) area!: CodeLabel;
  @ApiProperty({ type: CodeLabel, nullable: true }) category!: CodeLabel | null;
  @ApiCode(PRIORITY_LABELS, { example: 'high' }) priority!: string;
}

export class ReportView {
  @ApiProperty({
    example: 'Una persona pidió dinero para inscribirme en el programa.',
    description: '«Relato por voz» cuando todo está en la grabación; entonces cuenta su transcripción.',
  })
  narrative!: string;
  @ApiProperty({ example: false, description: 'Si la persona contó su relato, o parte de él, por voz.' })
  voice!: boolean;
  @ApiProperty({ type: Object, nullable: true }) place!: ReportContent['place'] | null;
  @ApiProperty({ type: Object, nullable: true }) occurred!: ReportContent['occurred'] | null;
  @ApiProperty({ type: [Object] }) accused!: NonNullable<ReportContent['accused']>;
  @ApiProperty({ type: [Object] }) witnesses!: NonNullable<ReportContent['witnesses']>;
  @ApiCode(LANGUAGE_LABELS) language!: string;
  @ApiProperty({ example: 0, description: 'Archivos que la persona ofreció y el canal todavía no guarda.' })
  filesNotKept!: number;
  @ApiProperty({ type: String, nullable: true, description: 'Por qué una llamada se registró tarde.' })
  lateReason!: string | null;
  @ApiProperty({ example: false, description: 'Si la llamada se hizo con intérprete, o hace falta.' })
  interpreterNeeded!: boolean;
  @ApiProperty({
    type: Boolean,
    nullable: true,
    example: null,
    description: 'Si la persona aceptó que se grabara la llamada; null cuando no se preguntó.',
  })
  recordingConsent!: boolean | null;
}

export class InformationRequestView {
  @ApiProperty({ format: 'uuid' }) id!: string;
  @ApiProperty({ example: '¿En qué oficina ocurrió?' }) question!: string;
  @ApiProperty({ type: String, nullable: true }) answer!: string | null;
  @ApiProperty({
    example: false,
    description: 'La respuesta la escribió una operadora durante una llamada, en nombre de quien denuncia.',
  })
  answeredByPhone!: boolean;
  @ApiProperty({
    example: false,
    description:
      'La respuesta es una grabación que llegó por el menú de voz del teléfono; está en los archivos del caso.',
  })
  answeredByVoiceMenu!: boolean;
  @ApiProperty({ example: '2026-12-01' }) dueOn!: string;
  @ApiCode(REQUEST_STATE_LABELS, {
    description: '`withdrawn`: el caso terminó, o el área preguntó otra cosa, antes de que venciera.',
  })
  state!: string;
}

export class EntryBodyDoc implements EntryFacts {
  @ApiPropertyOptional({ example: 'Recibimos tu denuncia.' }) text?: string;
  @ApiPropertyOptional({ example: 'Confirmo lo propuesto.' }) reason?: string;
  @ApiPropertyOptional({
    description: 'La motivación interna de un cierre.',
    example: 'Los recibos lo acreditan.',
  })
  grounds?: string;
  @ApiText({ required: false, example: 'Mesa de control, prioridad normal' }) from?: Text;
  @ApiText({ required: false, example: 'Órgano Interno de Control, Fraude o engaño, prioridad alta' })
  to?: Text;
  @ApiCode(METRIC_LABELS, { optional: true }) metric?: string;
  @ApiCode(OUTCOME_LABELS, { optional: true }) outcome?: string;
  @ApiPropertyOptional({ example: 3, description: 'Número del archivo que llegó, o que se transcribió.' })
  evidence?: number;
  @ApiPropertyOptional({ example: 1, description: 'De una transcripción: cuántas lleva su archivo.' })
  version?: number;
}

export class EntryDoc implements EntryView {
  @ApiProperty({ example: 2, description: 'Orden dentro del caso.' }) seq!: number;
  @ApiCode(ENTRY_LABELS, { example: 'triaged' })
  kind!: EntryView['kind'];
  @ApiCode(AUTHOR_LABELS, { example: 'staff' }) author!: EntryView['author'];
  @ApiProperty({ type: String, nullable: true, example: 'Mesa de control' }) by!: string | null;
  @ApiProperty({ example: '2026-11-20' }) day!: string;
  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'null en actos de quien denuncia.',
  })
  at!: string | null;
  @ApiProperty({ type: EntryBodyDoc }) body!: EntryBodyDoc;
  @ApiProperty({
    example: false,
    description: 'Lo escribió una operadora durante una llamada, en nombre de quien denuncia.',
  })
  byPhone!: boolean;
  @ApiProperty({ example: false, description: 'Llegó por el menú de voz del teléfono.' })
  byVoiceMenu!: boolean;
  @ApiText({ description: 'Qué pasó, en una frase.', example: 'Se asignó a Lucía Méndez.' }) summary!: Text;
}

export class CaseDetail {
  @ApiProperty({ example: 'CNV-2026-7K3M-Q9TZ-4' }) folio!: string;
  @ApiProperty({ type: String, nullable: true }) expediente!: string | null;
  @ApiCode(STATUS_LABELS, { example: 'under_investigation' }) status!: string;
  @ApiProperty({ example: 3, description: 'Para `If-Match`.' }) version!: number;
  @ApiCode(INTEGRITY_LABELS, {
    description:
      '`broken`: lo guardado ya no coincide con lo que la bitácora comprometió; avisa a auditoría.',
  })
  integrity!: Integrity;
  @ApiCode(CHANNEL_LABELS) channel!: string;
  @ApiCode(MODE_LABELS) mode!: string;
  @ApiProperty({ type: CodeLabel }) area!: CodeLabel;
  @ApiProperty({ type: CodeLabel, nullable: true }) category!: CodeLabel | null;
  @ApiCode(PRIORITY_LABELS, { example: 'normal' }) priority!: string;
  @ApiCode(municipalityLabel, { example: '15002', nullable: true }) municipality!: string | null;
  @ApiProperty({ example: '2026-11-20' }) receivedOn!: string;
  @ApiCode(OUTCOME_LABELS, { nullable: true }) outcome!: string | null;
  @ApiProperty({ type: AssigneeRef, nullable: true }) assignee!: AssigneeRef | null;
  @ApiProperty({ example: true, description: AWAITING_ANSWER }) awaitingAnswer!: boolean;
  @ApiProperty({ example: false, description: AWAITS_VOICE }) awaitsVoice!: boolean;
  @ApiProperty({
    type: String,
    format: 'date',
    nullable: true,
    description:
      'Último día en que quien denuncia puede escribir, después de que el caso terminó; null mientras está abierto. Hasta entonces, o mientras espera respuesta, se le puede contestar.',
    example: null,
  })
  reporterWritesUntil!: string | null;
  @ApiProperty({
    type: RoutingView,
    nullable: true,
    description: 'Regla que propuso área, categoría y prioridad.',
  })
  routing!: RoutingView | null;
  @ApiProperty({ type: ReportView }) report!: ReportView;
  @ApiProperty({
    type: Object,
    nullable: true,
    description:
      'Datos de quien denuncia: sólo en la modalidad «identified» y para quien trabaja en el área del caso. En «confidential» ninguna ruta los da.',
  })
  reporter!: ReporterIdentity | null;
  @ApiProperty({ type: [DeadlineView] }) deadlines!: DeadlineView[];
  @ApiProperty({ type: [EntryDoc] }) entries!: EntryDoc[];
  @ApiProperty({ type: [InformationRequestView] }) informationRequests!: InformationRequestView[];
  @ApiProperty({ type: [EvidenceItem], description: 'Los archivos del caso, por su número.' })
  evidence!: EvidenceItem[];
  @ApiCode(MOVE_LABELS, {
    isArray: true,
    as: 'moveLabels',
    description: 'Movimientos que el estado permite; además cuenta el permiso.',
  })
  moves!: string[];
}

export class ReporterDeadline {
  @ApiCode(METRIC_LABELS) metric!: string;
  @ApiProperty({
    example: '2026-11-25',
    description: 'Último día del plazo; tras una reapertura, del plazo nuevo.',
  })
  dueOn!: string;
  @ApiCode(SOURCE_LABELS, { example: 'propuesta' }) source!: string;
  @ApiProperty({
    type: Boolean,
    nullable: true,
    example: null,
    description:
      'Si la institución cumplió: `true` a tiempo, `false` venció (se haya cumplido después o no), `null` todavía corre o ya no se debe.',
  })
  met!: boolean | null;
}

export class TimelineItem {
  @ApiCode(ENTRY_LABELS) kind!: string;
  @ApiProperty({ example: '2026-11-20' }) day!: string;
}

export class ReporterMessage {
  @ApiCode(AUTHOR_LABELS, { example: 'staff' }) from!: string;
  @ApiProperty({ example: 'Recibimos tu denuncia y la estamos revisando.' }) text!: string;
  @ApiProperty({ example: '2026-11-21' }) day!: string;
  @ApiProperty({ example: false, description: 'Lo escribió por ti una operadora, durante una llamada.' })
  byPhone!: boolean;
}

export class ReporterOutcome {
  @ApiCode(OUTCOME_LABELS) outcome!: string;
  @ApiProperty({ example: 'Se inició un procedimiento de sanción.' }) text!: string;
  @ApiProperty({ example: '2027-01-20' }) day!: string;
}

export class WritingView implements Writing {
  @ApiProperty({
    type: Boolean,
    description: 'Si `POST /tracking/messages` recibe mensajes hoy.',
    example: true,
  })
  allowed!: boolean;
  @ApiProperty({
    type: String,
    format: 'date',
    nullable: true,
    description:
      'Último día para escribir, completo: diez días hábiles desde que terminó. null mientras se atiende.',
    example: null,
  })
  until!: string | null;
  @ApiText({ example: 'Puedes escribir mientras se atiende tu denuncia.' }) text!: Text;
}

export class ReporterCase {
  @ApiProperty({ example: 'CNV-2026-7K3M-Q9TZ-4' }) folio!: string;
  @ApiProperty({
    example: '2884-8343-9839-674',
    description: 'El folio en cifras, para un teclado de teléfono.',
  })
  folioDigits!: string;
  @ApiCode(STATUS_LABELS) status!: string;
  @ApiProperty({ example: '2026-11-20' }) receivedOn!: string;
  @ApiProperty({ type: CodeLabel }) area!: CodeLabel;
  @ApiProperty({ type: [ReporterDeadline], description: 'Uno por cada cosa que se mide: el que vale ahora.' })
  deadlines!: ReporterDeadline[];
  @ApiProperty({ type: [TimelineItem] }) timeline!: TimelineItem[];
  @ApiProperty({ type: [ReporterMessage] }) messages!: ReporterMessage[];
  @ApiProperty({
    type: 'integer',
    example: 1,
    description: 'Mensajes del personal que siguen a lo último que enviaste: mensaje, respuesta o archivo.',
  })
  newMessages!: number;
  @ApiProperty({ type: [InformationRequestView] }) informationRequests!: InformationRequestView[];
  @ApiProperty({ type: EvidenceCount, description: 'Los archivos que mandaste.' }) evidence!: EvidenceCount;
  @ApiProperty({ example: false, description: 'Si tu relato es por voz y falta mandar la grabación.' })
  awaitsVoice!: boolean;
  @ApiPropertyOptional({ type: ReporterOutcome }) outcome?: ReporterOutcome;
  @ApiProperty({ type: WritingView }) writing!: WritingView;
}

export class MoveView {
  @ApiProperty({ example: 'CNV-2026-7K3M-Q9TZ-4' }) folio!: string;
  @ApiCode(STATUS_LABELS, { example: 'assigned' }) status!: string;
  @ApiProperty({ example: 4 }) version!: number;
  @ApiProperty({ type: CodeLabel }) area!: CodeLabel;
  @ApiProperty({ type: String, nullable: true }) expediente!: string | null;
}

export class WrittenView {
  @ApiProperty({ format: 'uuid' }) id!: string;
  @ApiProperty({ example: 5 }) seq!: number;
  @ApiProperty({ example: 4 }) version!: number;
}

export class AskedView extends WrittenView {
  @ApiProperty({ example: '2026-12-01' }) dueOn!: string;
}

export class AssignableView extends PersonRef {
  @ApiProperty({ example: 'investigador@conavi.demo' }) email!: string;
  @ApiProperty({ description: 'Si es de la mesa de control.' }) desk!: boolean;
}
