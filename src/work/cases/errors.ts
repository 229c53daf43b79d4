import { STATUS_LABELS } from '../../foundations/catalogs/labels.js';
import { DomainError } from '../../platform/errors.js';
import { forbidden } from '../../platform/http/access.guard.js';
import { MOVE_LABELS } from './labels.js';
import type { Status } from './lifecycle.js';
import type { Move } from './moves/moves.js';
import { mayNot } from './time-to-write.js';

export const caseErrors = {
  /** An unknown folio and a case outside the actor's scope get the same answer. */
  notFound: () =>
    new DomainError('CASE_NOT_FOUND', 404, {
      es: 'No hay un caso con ese folio en tus áreas. Revisa el folio.',
      en: 'There is no case with that folio in your areas. Check the folio.',
    }),
  illegalMove: (status: Status, move: Move | 'write') =>
    new DomainError(
      'ILLEGAL_MOVE',
      409,
      {
        es: 'El estado actual del caso no permite este movimiento.',
        en: 'The current state of the case does not allow this move.',
      },
      stuck(status, move),
    ),
  staleVersion: (version: number) =>
    new DomainError(
      'STALE_VERSION',
      412,
      {
        es: 'El caso cambió desde que lo leíste. Vuelve a leerlo y repite el movimiento si aún procede.',
        en: 'The case changed since you read it. Read it again and repeat the move if it still applies.',
      },
      { version },
    ),
  /** A repeated request gets the next number. */
  expedienteTaken: () =>
    new DomainError(
      'EXPEDIENTE_TAKEN',
      503,
      {
        es: 'Otro caso tomó el mismo número de expediente en este instante. Repite el movimiento.',
        en: 'Another case took the same expediente at this instant. Repeat the move.',
      },
      { retryAfter: 1 },
    ),
  /** The desk may close a case, but not with every outcome. */
  outcomeNotAllowed: () =>
    forbidden('cases.conclude', {
      es: 'Sin él sólo se puede cerrar como improcedente o por desistimiento.',
      en: 'Without it a case can only be closed as inadmissible or withdrawn.',
    }),
  unsuitableAssignee: () =>
    new DomainError('ASSIGNEE_UNSUITABLE', 422, {
      es: 'Esa cuenta no puede recibir este caso: debe estar activa y ser de la mesa, o investigar en el área del caso.',
      en: 'That account cannot take this case: it must be active and of the desk, or investigate in the area of the case.',
    }),
  sameArea: () =>
    new DomainError('SAME_AREA', 409, {
      es: 'El caso ya está en esa área.',
      en: 'The case already is in that area.',
    }),
  tooManyMessages: () =>
    new DomainError('TOO_MANY_MESSAGES', 409, {
      es: 'Ya escribiste muchos mensajes seguidos. Espera a que te contesten para escribir otro.',
      en: 'You wrote many messages in a row. Wait for an answer before writing another.',
    }),
  /** @param until the last day on which the reporter could write */
  reportClosed: (until: string | null) =>
    new DomainError('REPORT_CLOSED', 409, mayNot(until), until === null ? {} : { writeUntil: until }),
  tooLateToAnswer: (status: Status) =>
    new DomainError(
      'ILLEGAL_MOVE',
      409,
      {
        es: 'El caso terminó y quien denunció ya no puede escribir ni espera respuesta. Si hay algo más que decirle, hay que reabrir el caso.',
        en: 'The case ended, and its reporter can no longer write nor waits for an answer. If there is more to say, the case must be reopened.',
      },
      stuck(status, 'write'),
    ),
  requestNotOpen: () =>
    new DomainError('INFORMATION_REQUEST_CLOSED', 409, {
      es: 'Esa solicitud de información ya no está abierta. Si quieres agregar algo, escribe un mensaje.',
      en: 'That information request is no longer open. If you want to add something, write a message.',
    }),
  requestNotFound: () =>
    new DomainError('INFORMATION_REQUEST_NOT_FOUND', 404, {
      es: 'No hay una solicitud de información con ese identificador en esta denuncia.',
      en: 'There is no information request with that id in this report.',
    }),
};

function stuck(status: Status, move: Move | 'write'): Record<string, unknown> {
  return {
    currentStatus: status,
    currentStatusLabel: STATUS_LABELS[status],
    move,
    moveLabel: MOVE_LABELS[move],
  };
}
