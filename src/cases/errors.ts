import { DomainError } from '../platform/errors.js';
import type { Move, Status } from './lifecycle.js';

export const caseErrors = {
  /** Unknown folio, or out of the actor's scope: the same answer. */
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
      { currentStatus: status, move },
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
  outcomeNotAllowed: (permission: string) =>
    new DomainError(
      'FORBIDDEN',
      403,
      {
        es: 'La mesa de control sólo puede cerrar como improcedente o por desistimiento.',
        en: 'The triage desk can only close as inadmissible or withdrawn.',
      },
      {},
      permission,
    ),
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
  reportClosed: () =>
    new DomainError('REPORT_CLOSED', 409, {
      es: 'Tu denuncia está cerrada y ya no recibe mensajes. Si hay hechos nuevos, presenta otra denuncia y menciona este folio.',
      en: 'Your report is closed and takes no more messages. If there are new facts, file another report and mention this folio.',
    }),
  requestNotOpen: () =>
    new DomainError('INFORMATION_REQUEST_CLOSED', 409, {
      es: 'Esa solicitud de información ya no está abierta. Mientras la denuncia no esté cerrada puedes escribir un mensaje.',
      en: 'That information request is no longer open. As long as the report is not closed you can write a message.',
    }),
  requestNotFound: () =>
    new DomainError('INFORMATION_REQUEST_NOT_FOUND', 404, {
      es: 'No hay una solicitud de información con ese identificador en esta denuncia.',
      en: 'There is no information request with that id in this report.',
    }),
};
