import { INTEGRITY, type Integrity } from '../audit/trail.views.js';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { CHANNELS } from '../catalogs/channels.js';
import { ENTRY_KINDS } from './case.entities.js';
import type { EntryView } from './case-entries.js';
import type { ReporterIdentity, ReportContent } from './case-vault.js';
import { OUTCOMES, STATUSES } from './lifecycle.js';
import { SLA_PLACES } from './place-in-lists.js';
import { METRICS, STAGES } from '../sla/deadline.js';

/** Responses of case routes: whitelists, apart from the request classes. */
export class CodeLabel {
  @ApiProperty({ example: 'OIC' }) code!: string;
  @ApiProperty({ example: 'Órgano Interno de Control' }) label!: string;
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
  'Quien denuncia escribió o contestó después del último mensaje, pregunta o texto de cierre. Una nota interna no lo quita; el archivo del caso sí.';

export class SlaPlace {
  @ApiProperty({
    enum: SLA_PLACES,
    description:
      'Lugar del caso entero, según su plazo más urgente; es lo que filtra `sla`. `breached`: algún plazo venció y sigue sin cumplirse (en el detalle ese plazo está `overdue`). `warning`: alguno está por vencer. `on_time`: ninguno. `ended`: el caso terminó; si cumplió lo dicen sus plazos, `met` o `late`.',
  })
  stage!: string;
  @ApiProperty({ type: String, nullable: true, example: '2026-12-03', description: 'Vencimiento más próximo.' })
  nextDueOn!: string | null;
}

export class CaseSummary {
  @ApiProperty({ example: 'CNV-2026-7K3M-Q9TX-4' }) folio!: string;
  @ApiProperty({ type: String, nullable: true, example: 'OIC/FRAUD/0001/2026' }) expediente!: string | null;
  @ApiProperty({ enum: STATUSES }) status!: string;
  @ApiProperty({ example: 'Recibida' }) statusLabel!: string;
  @ApiProperty({ type: CodeLabel }) area!: CodeLabel;
  @ApiProperty({ type: CodeLabel, nullable: true }) category!: CodeLabel | null;
  @ApiProperty({ enum: ['low', 'normal', 'high', 'urgent'] }) priority!: string;
  @ApiProperty({ type: String, nullable: true, example: '15002' }) municipality!: string | null;
  @ApiProperty({ enum: CHANNELS }) channel!: string;
  @ApiProperty({ example: '2026-11-20', description: 'Día local; nunca la hora.' }) receivedOn!: string;
  @ApiProperty({ type: AssigneeRef, nullable: true }) assignee!: AssigneeRef | null;
  @ApiProperty({ example: true, description: AWAITING_ANSWER }) awaitingAnswer!: boolean;
  @ApiProperty({ type: SlaPlace }) sla!: SlaPlace;
  @ApiProperty({ example: 3 }) version!: number;
}

export class CasePage {
  @ApiProperty({ type: [CaseSummary] }) items!: CaseSummary[];
  @ApiProperty({ type: String, nullable: true, description: 'Para pedir la página siguiente; null en la última.' })
  nextCursor!: string | null;
}

export class DeadlineView {
  @ApiProperty({ enum: METRICS }) metric!: string;
  @ApiProperty({ example: '2026-11-20' }) startedOn!: string;
  @ApiProperty({ example: '2026-11-25', description: 'Último día local del plazo, completo.' }) dueOn!: string;
  @ApiProperty({ example: '2026-11-24', description: 'Desde este día se avisa.' }) warnOn!: string;
  @ApiProperty({ example: 3, description: 'Días hábiles.' }) businessDays!: number;
  @ApiProperty({ example: 'propuesta', description: 'De dónde sale el plazo; «propuesta» no es ley.' }) source!: string;
  @ApiProperty({
    enum: STAGES,
    description:
      'Estado de este plazo. Corre: `on_time`, `warning` (por vencer) u `overdue` (venció y sigue sin cumplirse; en las listas el caso está `breached`). Terminó: `met` (a tiempo), `late` (después de vencer) o `cancelled` (ya no se debe).',
  })
  stage!: string;
  @ApiProperty({ type: String, nullable: true, example: '2026-11-23T10:15:00-06:00' }) stoppedAt!: string | null;
}

export class RoutingView {
  @ApiProperty({ format: 'uuid' }) id!: string;
  @ApiProperty({ example: 'Fraude y gestores falsos' }) label!: string;
  @ApiProperty({ description: 'Si la mesa ya lo confirmó o cambió.' }) confirmed!: boolean;
}

export class ReportView {
  @ApiProperty({ example: 'Una persona pidió dinero para inscribirme en el programa.' }) narrative!: string;
  @ApiProperty({ type: Object, nullable: true }) place!: ReportContent['place'] | null;
  @ApiProperty({ type: Object, nullable: true }) occurred!: ReportContent['occurred'] | null;
  @ApiProperty({ type: [Object] }) accused!: NonNullable<ReportContent['accused']>;
  @ApiProperty({ type: [Object] }) witnesses!: NonNullable<ReportContent['witnesses']>;
  @ApiProperty({ enum: ['es', 'en'] }) language!: string;
  @ApiProperty({ example: 0, description: 'Archivos que la persona ofreció y el canal todavía no guarda.' })
  filesNotKept!: number;
  @ApiProperty({ type: String, nullable: true, description: 'Por qué una llamada se registró tarde.' }) lateReason!:
    string | null;
}

export class InformationRequestView {
  @ApiProperty({ format: 'uuid' }) id!: string;
  @ApiProperty({ example: '¿En qué oficina ocurrió?' }) question!: string;
  @ApiProperty({ type: String, nullable: true }) answer!: string | null;
  @ApiProperty({ example: '2026-12-01' }) dueOn!: string;
  @ApiProperty({
    enum: ['open', 'answered', 'expired', 'withdrawn'],
    description: '`withdrawn`: el caso terminó, o el área preguntó otra cosa, antes de que venciera.',
  })
  state!: string;
}

export class EntryDoc implements EntryView {
  @ApiProperty({ example: 2, description: 'Orden dentro del caso.' }) seq!: number;
  @ApiProperty({ enum: ENTRY_KINDS, example: 'triaged' })
  kind!: EntryView['kind'];
  @ApiProperty({ enum: ['reporter', 'staff', 'system'] }) author!: EntryView['author'];
  @ApiProperty({ type: String, nullable: true, example: 'Mesa de control' }) by!: string | null;
  @ApiProperty({ example: '2026-11-20' }) day!: string;
  @ApiProperty({ type: String, nullable: true, description: 'null en actos de quien denuncia.' }) at!: string | null;
  @ApiProperty({ type: Object, example: { text: 'Recibimos tu denuncia.' } }) body!: EntryView['body'];
}

export class CaseDetail {
  @ApiProperty({ example: 'CNV-2026-7K3M-Q9TX-4' }) folio!: string;
  @ApiProperty({ type: String, nullable: true }) expediente!: string | null;
  @ApiProperty({ enum: STATUSES }) status!: string;
  @ApiProperty({ example: 'En investigación' }) statusLabel!: string;
  @ApiProperty({ example: 3, description: 'Para `If-Match`.' }) version!: number;
  @ApiProperty({
    enum: INTEGRITY,
    description: '`broken`: lo guardado ya no coincide con lo que la bitácora comprometió; avisa a auditoría.',
  })
  integrity!: Integrity;
  @ApiProperty({ enum: CHANNELS }) channel!: string;
  @ApiProperty({ enum: ['anonymous', 'confidential', 'identified'] }) mode!: string;
  @ApiProperty({ type: CodeLabel }) area!: CodeLabel;
  @ApiProperty({ type: CodeLabel, nullable: true }) category!: CodeLabel | null;
  @ApiProperty({ enum: ['low', 'normal', 'high', 'urgent'] }) priority!: string;
  @ApiProperty({ type: String, nullable: true }) municipality!: string | null;
  @ApiProperty({ example: '2026-11-20' }) receivedOn!: string;
  @ApiProperty({ enum: OUTCOMES, nullable: true, type: String }) outcome!: string | null;
  @ApiProperty({ type: AssigneeRef, nullable: true }) assignee!: AssigneeRef | null;
  @ApiProperty({ example: true, description: AWAITING_ANSWER }) awaitingAnswer!: boolean;
  @ApiProperty({ type: RoutingView, nullable: true, description: 'Regla que propuso área, categoría y prioridad.' })
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
  @ApiProperty({
    type: [String],
    description: 'Movimientos que el estado permite; además cuenta el permiso.',
    example: ['triage'],
  })
  moves!: string[];
}

export class ReporterDeadline {
  @ApiProperty({ enum: METRICS }) metric!: string;
  @ApiProperty({ example: '2026-11-25', description: 'Último día del plazo; tras una reapertura, del plazo nuevo.' })
  dueOn!: string;
  @ApiProperty({ example: 'propuesta' }) source!: string;
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
  @ApiProperty({ example: 'received' }) kind!: string;
  @ApiProperty({ example: '2026-11-20' }) day!: string;
}

export class ReporterMessage {
  @ApiProperty({ enum: ['reporter', 'staff', 'system'] }) from!: string;
  @ApiProperty({ example: 'Recibimos tu denuncia y la estamos revisando.' }) text!: string;
  @ApiProperty({ example: '2026-11-21' }) day!: string;
}

export class ReporterOutcome {
  @ApiProperty({ enum: OUTCOMES }) outcome!: string;
  @ApiProperty({ example: 'Se inició un procedimiento de sanción.' }) text!: string;
  @ApiProperty({ example: '2027-01-20' }) day!: string;
}

export class ReporterCase {
  @ApiProperty({ example: 'CNV-2026-7K3M-Q9TX-4' }) folio!: string;
  @ApiProperty({ enum: STATUSES }) status!: string;
  @ApiProperty({ example: 'Recibida' }) statusLabel!: string;
  @ApiProperty({ example: '2026-11-20' }) receivedOn!: string;
  @ApiProperty({ type: CodeLabel }) area!: CodeLabel;
  @ApiProperty({ type: [ReporterDeadline], description: 'Uno por cada cosa que se mide: el que vale ahora.' })
  deadlines!: ReporterDeadline[];
  @ApiProperty({ type: [TimelineItem] }) timeline!: TimelineItem[];
  @ApiProperty({ type: [ReporterMessage] }) messages!: ReporterMessage[];
  @ApiProperty({ type: [InformationRequestView] }) informationRequests!: InformationRequestView[];
  @ApiPropertyOptional({ type: ReporterOutcome }) outcome?: ReporterOutcome;
}

export class MoveView {
  @ApiProperty({ example: 'CNV-2026-7K3M-Q9TX-4' }) folio!: string;
  @ApiProperty({ enum: STATUSES }) status!: string;
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
