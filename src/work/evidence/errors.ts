import { DomainError } from '../../platform/errors.js';
import { LIMITS } from './limits.js';
import { inMiB } from './words.js';

export const evidenceErrors = {
  /** An unknown file and one of another case get the same answer. */
  notFound: () =>
    new DomainError('EVIDENCE_NOT_FOUND', 404, {
      es: 'No hay una prueba con ese identificador en este caso.',
      en: 'There is no evidence with that id in this case.',
    }),
  empty: () =>
    new DomainError('EVIDENCE_EMPTY', 400, {
      es: 'El archivo llegó vacío y no se guardó. Ábrelo para comprobar que tiene contenido y vuelve a mandarlo.',
      en: 'The file arrived empty and was not stored. Open it to check that it has content, and send it again.',
    }),
  tooLarge: () =>
    new DomainError(
      'EVIDENCE_TOO_LARGE',
      413,
      {
        es: `El archivo pasa de ${inMiB(LIMITS.fileBytes)} y no se guardó. Manda un video más corto, o el documento en partes.`,
        en: `The file is larger than ${inMiB(LIMITS.fileBytes)} and was not stored. Send a shorter video, or the document in parts.`,
      },
      { limitBytes: LIMITS.fileBytes },
    ),
  /** @param left what the case still takes */
  caseFull: (left: { files: number; bytes: number }) =>
    new DomainError(
      'EVIDENCE_CASE_FULL',
      413,
      {
        es: `Este caso ya no admite este archivo: le quedan ${left.files} archivos y ${inMiB(left.bytes)}. Escribe un mensaje para decir qué más tienes.`,
        en: `This case does not take this file any more: ${left.files} files and ${inMiB(left.bytes)} are left. Write a message to say what else you have.`,
      },
      { filesLeft: left.files, bytesLeft: left.bytes },
    ),
  executable: () =>
    new DomainError('EVIDENCE_EXECUTABLE', 415, {
      es: 'Este archivo es un programa y no se guardó. Manda una foto, un audio, un video o un documento; si el programa es la prueba, manda fotos de la pantalla.',
      en: 'This file is a program and was not stored. Send a photo, an audio, a video or a document; if the program is the evidence, send photos of the screen.',
    }),
  /** For a route that takes recordings alone. */
  noRecording: () =>
    new DomainError('EVIDENCE_NO_RECORDING', 415, {
      es: 'Este archivo no es una grabación que se reconozca y no se guardó. Mándala con su encabezado: WAV, MP3, OGG, AMR o M4A.',
      en: 'This file is no recording that is recognised, and was not stored. Send it with its header: WAV, MP3, OGG, AMR or M4A.',
    }),
  noRoom: () =>
    new DomainError(
      'EVIDENCE_NO_ROOM',
      507,
      {
        es: 'Por ahora no hay espacio para archivos y este no se guardó. Tu denuncia está a salvo. Vuelve a mandarlo más tarde, o escribe un mensaje.',
        en: 'There is no room for files now, and this one was not stored. Your report is safe. Send the file again later, or write a message.',
      },
      { retryAfter: 3600 },
    ),
  uploadNotFound: () =>
    new DomainError('UPLOAD_NOT_FOUND', 404, {
      es: 'No hay una carga con ese identificador en esta denuncia: terminó, venció o nunca empezó. Empieza otra.',
      en: 'There is no upload with that id in this report: it ended, expired or never began. Begin another one.',
    }),
  tooManyUploads: () =>
    new DomainError('UPLOADS_UNFINISHED', 409, {
      es: 'Hay varias cargas sin terminar en esta denuncia. Termina o borra una antes de empezar otra.',
      en: 'Several uploads of this report are unfinished. Finish or delete one before beginning another.',
    }),
  wrongOffset: () =>
    new DomainError('UPLOAD_OFFSET', 409, {
      es: 'La carga no se quedó ahí. Pregunta con HEAD cuánto llegó y sigue desde ese byte.',
      en: 'The upload does not continue there. Ask with HEAD how much arrived and go on from that byte.',
    }),
  uploadBusy: () =>
    new DomainError(
      'UPLOAD_BUSY',
      409,
      {
        es: 'Otra solicitud está mandando esta carga. Pregunta con HEAD cuánto llegó y sigue desde ahí.',
        en: 'Another request is sending this upload. Ask with HEAD how much arrived and go on from there.',
      },
      { retryAfter: 2 },
    ),
  uploadComplete: () =>
    new DomainError('UPLOAD_COMPLETE', 409, {
      es: 'La carga ya llegó completa y queda como prueba. Ya no se puede borrar.',
      en: 'The upload arrived whole and stays as evidence. It cannot be deleted any more.',
    }),
  longerThanTold: () =>
    new DomainError('UPLOAD_LONGER', 413, {
      es: 'La carga trae más bytes que los anunciados en «Upload-Length». Bórrala y empieza otra con el tamaño correcto.',
      en: 'The upload has more bytes than "Upload-Length" told. Delete it and begin another one with the right size.',
    }),
  tooManyParts: () =>
    new DomainError('UPLOAD_PARTS', 413, {
      es: 'La carga tiene demasiadas partes pequeñas. Bórrala y empieza otra con partes de 1 MB o más.',
      en: 'The upload has too many small parts. Delete it and begin another one with parts of 1 MB or more.',
    }),
  unreadable: () =>
    new DomainError('EVIDENCE_UNREADABLE', 503, {
      es: 'Lo guardado no se puede leer en este momento. Avisa a quien opera el servidor; la custodia de la prueba dice más.',
      en: 'What was stored cannot be read now. Tell the operator of the server; the custody of the evidence says more.',
    }),
  /** @param reason what is known of the file, for people */
  notOpenable: (reason: { es: string; en: string }) => new DomainError('EVIDENCE_NOT_OPENABLE', 409, reason),
  notMarked: () =>
    new DomainError(
      'EVIDENCE_NOT_MARKED',
      503,
      {
        es: 'No se le pudo poner a la copia la marca de quien la descarga. Vuelve a intentarlo; si sigue, avisa a quien opera el servidor.',
        en: 'The copy could not be given the mark of whoever downloads it. Try again; if it stays so, tell the operator of the server.',
      },
      { retryAfter: 30 },
    ),
  originalAsked: () =>
    new DomainError('ORIGINAL_ASKED', 409, {
      es: 'Ya pediste este original: falta que te contesten, o lo puedes abrir ahora.',
      en: 'You already asked for this original: it is not answered yet, or you can open it now.',
    }),
  originalNotAgreed: () =>
    new DomainError('ORIGINAL_NOT_AGREED', 403, {
      es: 'El original sólo lo abre quien lo pidió, durante una hora desde que la titularidad del área o auditoría estuvo de acuerdo. Pídelo con su razón.',
      en: 'The original opens only for whoever asked for it, for an hour after the head of the area or an auditor agreed. Ask for it with a reason.',
    }),
  originalMoved: () =>
    new DomainError('ORIGINAL_MOVED', 409, {
      es: 'El caso cambió de área desde que se pidió. Hay que pedirlo otra vez.',
      en: 'The case went to another area since this was asked for. It must be asked for again.',
    }),
  noSuchRange: () =>
    new DomainError('RANGE_NOT_SATISFIABLE', 416, {
      es: 'El archivo no tiene esa parte. Pide otra, o el archivo entero sin «Range».',
      en: 'The file has no such part. Ask for another one, or for the whole file without "Range".',
    }),
};
