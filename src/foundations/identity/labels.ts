import type { Text } from '../../platform/errors.js';
import type { ApprovalKind, ApprovalState } from './approvals/approval.entity.js';
import type { ChannelPermission, Permission, Role } from './permissions.js';

export const ROLE_LABELS: Readonly<Record<Role, Text>> = {
  operator: { es: 'Operación telefónica', en: 'Phone operator' },
  triage: { es: 'Mesa de control', en: 'Triage desk' },
  investigator: { es: 'Investigación', en: 'Investigator' },
  area_head: { es: 'Titular de área', en: 'Head of area' },
  auditor: { es: 'Auditoría', en: 'Auditor' },
  transparency: { es: 'Transparencia', en: 'Transparency' },
  admin: { es: 'Administración', en: 'Administrator' },
};

export const PERMISSION_LABELS: Readonly<Record<Permission, Text>> = {
  'reports.create': { es: 'Registrar denuncias por teléfono', en: 'File reports by phone' },
  'phone.calls': { es: 'Atender llamadas', en: 'Take calls' },
  'phone.follow_up': {
    es: 'Dar seguimiento por teléfono a quien da folio y clave',
    en: 'Follow reports by phone for callers who give folio and access code',
  },
  'cases.read': { es: 'Ver casos', en: 'See cases' },
  'cases.audit': { es: 'Ver la bitácora de un caso', en: 'See the trail of a case' },
  'cases.triage': { es: 'Confirmar área, categoría y prioridad', en: 'Confirm area, category and priority' },
  'cases.assign': { es: 'Asignar casos', en: 'Assign cases' },
  'cases.transfer': { es: 'Turnar casos a otra área', en: 'Transfer cases' },
  'cases.ask': { es: 'Pedir información a quien denuncia', en: 'Ask reporters for information' },
  'cases.write': { es: 'Escribir mensajes y notas', en: 'Write messages and notes' },
  'cases.investigate': { es: 'Investigar casos', en: 'Investigate cases' },
  'cases.close': { es: 'Cerrar casos', en: 'Close cases' },
  'cases.conclude': { es: 'Concluir investigaciones', en: 'Conclude investigations' },
  'cases.reopen': { es: 'Reabrir casos', en: 'Reopen cases' },
  'stats.read': { es: 'Ver cifras exactas', en: 'See exact figures' },
  'stats.release': { es: 'Publicar cifras', en: 'Publish figures' },
  'audit.read': { es: 'Ver la bitácora de la institución', en: 'See the trail of the institution' },
  'approvals.read': { es: 'Ver solicitudes de dos personas', en: 'See requests that need two people' },
  'approvals.decide': {
    es: 'Contestar solicitudes de dos personas',
    en: 'Answer requests that need two people',
  },
  'admin.catalogs': { es: 'Administrar catálogos', en: 'Administer catalogues' },
  'admin.accounts': { es: 'Administrar cuentas', en: 'Administer accounts' },
  'admin.menu': {
    es: 'Editar el menú del chat y ver qué se consulta',
    en: 'Edit the menu of the chat and see what is asked',
  },
  'admin.channels': {
    es: 'Administrar claves de canal y números de WhatsApp',
    en: 'Administer channel keys and WhatsApp numbers',
  },
};

export const CHANNEL_PERMISSION_LABELS: Readonly<Record<ChannelPermission, Text>> = {
  'channel.references': {
    es: 'Leer la referencia propia de una denuncia',
    en: 'Read its own reference of a report',
  },
  'channel.ivr': { es: 'Atender llamadas con un menú de voz', en: 'Take calls with a voice menu' },
};

export const APPROVAL_KIND_LABELS: Readonly<Record<ApprovalKind, Text>> = {
  account_creation: { es: 'Cuenta nueva que ve casos', en: 'A new account that sees cases' },
  account_change: {
    es: 'Cuenta que pasa a ver casos, o más',
    en: 'An account that comes to see cases, or more',
  },
  one_time_password: {
    es: 'Otra contraseña para una cuenta que ve casos',
    en: 'A new password for an account that sees cases',
  },
  evidence_original: { es: 'Abrir el original de una prueba', en: 'Open the original of a file' },
};

export const APPROVAL_STATE_LABELS: Readonly<Record<ApprovalState, Text>> = {
  open: { es: 'Sin contestar', en: 'Unanswered' },
  unconfirmed: { es: 'Hecha, falta confirmarla', en: 'Done, to be confirmed' },
  agreed: { es: 'De acuerdo', en: 'Agreed' },
  refused: { es: 'Negada', en: 'Refused' },
  expired: { es: 'Vencida', en: 'Expired' },
};
