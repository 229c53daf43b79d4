import { FILES_MAX, NARRATIVE_MAX, type Mode } from './draft.js';
import type { MediaKind } from './messages.js';
import type { Action, ConversationContext } from './state.js';

/** Titles of buttons (at most 20 characters) and rows (at most 24, three of them for the number). */
export const TITLES: Readonly<Record<Action, string>> = {
  report: 'Presentar denuncia',
  anonymity: '¿Puede ser anónima?',
  scope: '¿Qué puedo denunciar?',
  tracking: 'Seguimiento de folio',
  contact: 'Otros temas y 911',
  privacy: 'Aviso de privacidad',
  delete_data: 'Cómo borrar mis datos',
  exit: 'Salir',
  menu: 'Menú',
  help: 'Ayuda',
  back: 'Atrás',
  person: 'Hablar con alguien',
  stop: 'No más avisos',
  continue: 'Continuar',
  restart: 'Empezar de nuevo',
  erase: 'Borrar',
  cancel: 'Cancelar',
  change_mode: 'Cambiar modalidad',
  accept: 'Acepto',
  decline: 'No acepto',
  anonymous: 'Anónima',
  confidential: 'Confidencial',
  identified: 'Con mis datos',
  finish: 'Listo, continuar',
  skip_where: 'Omitir lugar',
  skip_when: 'Omitir fecha',
  skip_who: 'Omitir personas',
  file_help: 'Quitar un archivo',
  no_files: 'No tengo archivos',
  files_done: 'Ya envié todo',
  summary: 'Ir al resumen',
  no_name: 'Sin nombre',
  use_phone: 'Sí, usar mi número',
  no_phone: 'No usar mi número',
  send: 'Enviar denuncia',
  correct: 'Corregir',
};

const MODE_NAMES: Readonly<Record<Mode, string>> = {
  anonymous: 'anónima',
  confidential: 'confidencial',
  identified: 'con mis datos',
};

/**
 * Explain anonymity on WhatsApp. Meta always sees who writes, so the text must promise only what happens on
 * our side.
 */
function anonymityOnWhatsApp({ webFormUrl }: ConversationContext): string {
  const safer =
    webFormUrl === undefined ? '' : ` Si corres riesgo, usa mejor el formulario web: ${webFormUrl}`;
  return (
    'Por WhatsApp no podemos ofrecer anonimato total: Meta, la empresa de WhatsApp, sabe que nos escribiste. ' +
    'En modalidad *anónima* tu número no se guarda con tu denuncia y nadie que la atienda puede verlo.' +
    `${safer} No escribas desde un teléfono de tu trabajo.`
  );
}

export const TEXTS = {
  menu: ({ institutionName }: ConversationContext): string =>
    `Hola. Este es el canal de denuncias de ${institutionName}. Es gratuito: nadie puede pedirte dinero ni documentos para recibir tu denuncia.\n\n¿Qué necesitas? Toca una opción o escribe su número.`,

  /** Nobody is sent away: the report may be told here too. */
  reportsElsewhere: (phone: string): string =>
    `Las denuncias se atienden en este otro WhatsApp: ${phone} (https://wa.me/${phone.replace('+', '')}). Si prefieres, puedes contarla aquí mismo.`,

  notice: ({ privacyNotice }: ConversationContext): string =>
    `${privacyText(privacyNotice)}\n\nNo estás obligado a dar tu nombre. ¿Aceptas?`,

  privacy: ({ privacyNotice }: ConversationContext): string => privacyText(privacyNotice),

  telling:
    'Gracias por escribirnos. *Lo que escribiste todavía no se guardó.* Para presentar una denuncia toca *Presentar denuncia* o escribe *denunciar*; después de leer el aviso de privacidad podrás contarlo todo. Si ya nos enviaste una, esto no se le agrega: con tu folio y tu clave podrás dar más detalles.',

  notYetKept:
    'Gracias por escribirnos. Para poder guardar lo que nos cuentas necesito primero tu respuesta: *lo que escribiste hasta ahora todavía no se guardó* y tendrás que enviarlo otra vez.',

  mode: (context: ConversationContext): string =>
    `¿Cómo quieres presentarla?\n\n${anonymityOnWhatsApp(context)}\n\n*Confidencial*: das tu nombre o tu número, y quien atiende tu denuncia no los ve.\n*Con mis datos*: el área que la atiende puede ver tu nombre y contactarte.`,

  narrative:
    '¿Qué pasó? Cuéntalo con tus palabras, en uno o varios mensajes: qué ocurrió, dónde, cuándo y quién participó, si lo sabes. También puedes contarlo en notas de voz (quien la atienda oirá tu voz) y enviar fotos, videos o documentos.\n\nCuando termines toca *Listo, continuar* o escribe *listo*.',
  narrativeAgain:
    'Guardé lo que llevas. Sigue contando lo que falte y, cuando termines, toca *Listo, continuar* o escribe *listo*.',
  taken: (files: number): string =>
    `${files > 0 ? `Lo guardé, con ${filesIn(files)}. ${CAREFUL}` : 'Lo guardé.'} Puedes seguir escribiendo; no contestaré a cada mensaje. Cuando termines toca *Listo, continuar* o escribe *listo*.`,
  tooShort:
    'Lo guardé, pero todavía es muy corto para poder atenderlo. Cuéntame un poco más: qué pasó, dónde y cuándo. Después toca *Listo, continuar* o escribe *listo*.',
  tooLong: `Tu último mensaje ya no cupo y *no lo guardé*: el relato puede tener hasta ${NARRATIVE_MAX.toLocaleString('es-MX')} caracteres en total. Lo anterior sigue guardado. Escribe *listo* para continuar; después podrás dar más detalles con tu folio.`,
  correct:
    'Escribe lo que falte o lo que haya que corregir; se agrega a tu relato. Si editas o eliminas un mensaje tuyo en este chat, también cambia aquí. Cuando termines toca *Listo, continuar*.',

  where:
    'Gracias, guardé tu relato. ¿Dónde pasó? Escribe la oficina, la calle o el lugar, o comparte la ubicación con el clip (📎).\n\nNo es obligatorio: puedes omitirlo.',
  when: '¿Cuándo pasó? Escribe la fecha o más o menos cuándo: «ayer», «hace dos semanas», «en marzo».',
  noted: (what: string): string => `Anoté: ${what}. Si no es así, escribe *atrás*.`,
  municipality: (name: string): string => `municipio de ${name}`,
  who: '¿Quién o quiénes fueron? Escribe el nombre, el cargo o cómo eran, si lo sabes.',

  evidence:
    'Si tienes fotos, videos, audios o documentos, envíalos ahora. No es obligatorio.\n\nRevisa que no te identifiquen a ti si no quieres que se sepa quién eres: tu cara, tu voz, tu nombre, un papel que sólo tú tienes.',
  filesSoFar: (files: number): string =>
    `Recibí ${filesIn(files)}. ${CAREFUL} Si tienes más, envíalos. Cuando termines toca *Ya envié todo* o escribe *listo*.`,
  filesTaken: (files: number): string => `Recibí ${filesIn(files)}.`,
  filesNeedWords: (files: number): string =>
    `Recibí ${filesIn(files)}. Falta que nos cuentes qué pasó: escríbelo con tus palabras o dilo en una nota de voz. Después toca *Listo, continuar* o escribe *listo*.`,
  filesLost: (files: number): string =>
    files === 1
      ? '⚠️ *No pude recibir 1 de tus archivos.* Si quieres, envíalo otra vez; si tampoco llega, cuenta con palabras lo que muestra.'
      : `⚠️ *No pude recibir ${files} de tus archivos.* Si quieres, envíalos otra vez; si tampoco llegan, cuenta con palabras lo que muestran.`,
  fileHelp:
    'Para quitar un archivo, elimínalo en este chat: déjalo presionado y elige *Eliminar* y *Eliminar para todos*. Así también se quita de tu denuncia.',

  name: 'Escribe tu nombre completo, o toca *Sin nombre*.',
  nameNeeded: 'Para esta modalidad necesitamos tu nombre. Escríbelo, o cambia la modalidad.',
  phone:
    '¿Quieres que guardemos como contacto el número desde el que escribes? Sólo lo haremos si tú lo autorizas.',
  phoneNeeded:
    'Para esta modalidad necesitamos al menos un dato: escribe tu nombre, autoriza tu número o cambia la modalidad.',

  confirm: (summary: string): string => `Esto es lo que vas a enviar:\n\n${summary}\n\n¿La enviamos?`,
  summaryMode: (mode: Mode): string => `Modalidad: *${MODE_NAMES[mode]}*`,
  summaryName: (name: string): string => `Nombre: ${name}`,
  summaryPhone: (phone: string): string => `Contacto: ${phone}`,
  summaryPlace: (description: string | undefined): string =>
    description === undefined ? 'Con la ubicación que compartiste' : `Ubicación: ${description}`,
  summaryDetail: { where: 'Dónde', when: 'Cuándo', who: 'Quién' },
  summaryFiles: (media: readonly MediaKind[]): string => `Archivos: ${media.length} (${inKinds(media)})`,
  summaryNotKept: (files: number): string =>
    files === 1 ? 'Llegó 1 archivo que *no se guardó*' : `Llegaron ${files} archivos que *no se guardaron*`,
  summaryVoice: 'Relato: en lo que grabaste',
  inVoiceNote: 'en tu nota de voz',
  accountByVoice: (words: string): string => `Relato por voz. También escribió: ${words}`,
  spokenAnswer: (question: string): string => `Nota de voz que llegó después de preguntar: ${question}`,
  summaryAccount: (excerpt: string, length: number, cut: boolean): string =>
    cut ? `Relato (${length} caracteres, aquí sólo el principio):\n${excerpt}…` : `Relato:\n${excerpt}`,

  stillThere: 'Hace un día que no escribes. Tu denuncia *todavía no está presentada*.',
  resume: (draftHours: number | undefined): string =>
    `Tienes una denuncia sin terminar.${expiry(draftHours)} ¿Qué quieres hacer?`,
  paused: (draftHours: number | undefined): string =>
    `Hasta luego. Tu denuncia sin terminar queda guardada; aún no está presentada.${expiry(draftHours)} Escribe *menú* para continuarla o *borrar* para borrarla.`,

  filesNotKept: 'Llegó un archivo tuyo que no pude abrir, y *no se guardó*. Por favor envíalo otra vez.',
  filesTooSoon:
    'Llegó un archivo tuyo, pero *no se guardó*. Los archivos se guardan dentro de una denuncia: si quieres presentar una, escribe *denunciar* y envíalo cuando te lo pida. Si ya enviaste la tuya, el archivo se agrega con tu folio y tu clave.',
  filesTooEarly:
    'Llegó un archivo tuyo, pero *todavía no se guardó*. Para poder guardarlo necesito primero tu respuesta al aviso de privacidad: ¿aceptas? Después envíalo otra vez.',
  cardNotKept:
    'Llegó un contacto, pero *no se guardó*. Si es parte de lo que quieres denunciar, escribe su nombre y su número.',
  captionNotKept:
    'Guardé tu archivo, pero las palabras que venían con él ya no cupieron. Tu relato llegó a su largo máximo.',
  tooManyFiles: `Tu denuncia ya tiene todos los archivos que caben (${FILES_MAX}, o 500 MB); *los demás no se guardan*. Cuenta con palabras lo que muestran.`,
  unreadable: 'Recibí algo que aquí no puedo leer. Por favor escríbelo con palabras.',
  notPresented:
    'Tu denuncia todavía *no está presentada*. Si ya contaste todo, toca *Listo, continuar* o escribe *listo*. Si falta algo, escríbelo.',
  notSent:
    'Tu denuncia todavía *no está enviada*. Para enviarla toca *Enviar denuncia* o escribe *enviar*; después te llegan aquí tu folio y tu clave.',
  staleButton: 'Ese botón es de un paso anterior y ya no aplica.',
  keptSoFar: 'Guardé lo que escribiste.',
  notUnderstood: 'No entendí tu mensaje.',

  cancelAsked:
    '¿Borro tu denuncia sin terminar? Lo que contaste se pierde y no queda registrada. Si no, puedes continuarla cuando quieras.',
  canceled:
    'Listo: borré tu denuncia sin terminar y no quedó registrada. Si quieres empezar otra, escribe *menú*.',
  nothingToCancel:
    'No tienes ninguna denuncia sin terminar; no hay nada que borrar. Una que ya enviaste no puede cancelarse desde aquí: su folio y su clave llegan solos a este chat. Escribe *menú* para ver las opciones.',
  declined: ({ contactText }: ConversationContext): string =>
    `De acuerdo, no guardamos ninguna denuncia. Si prefieres otro medio:\n${contactText}\n\nEscribe *menú* si cambias de opinión.`,
  restarted: 'Empezamos de nuevo: borré lo que llevabas.',
  muted: (draftHours: number | undefined): string =>
    `De acuerdo: no te enviaremos recordatorios. Tu denuncia sin terminar *no está presentada*.${expiry(draftHours)} Escribe *menú* para continuarla o *borrar* para borrarla.`,
  goodbye: 'Hasta luego. Escribe *menú* cuando quieras volver.',

  confirmed:
    'Recibimos tu denuncia y la estamos registrando. En uno o dos minutos te llegan aquí tu folio y tu clave, sin que hagas nada más. Lo que escribas desde ahora ya no se le agrega.',
  sentBefore:
    'Aquí no hay ninguna denuncia sin enviar. Si acabas de enviar la tuya, ya la estamos registrando: tu folio y tu clave llegan solos a este chat en uno o dos minutos.',
  thanks: 'Gracias a ti por escribirnos. Si necesitas algo más, escribe *menú*.',
  receipt: (folio: string, accessCode: string, acknowledgement: string | undefined): string =>
    `Tu denuncia quedó registrada.\n\nFolio: ${folio}\nClave: ${accessCode}\n\nGuárdalos en un lugar seguro: sirven para darle seguimiento y no podemos recuperarlos. Después puedes borrar este chat.${acknowledgement === undefined ? '' : `\n\n${acknowledgement}`}`,

  tooMany: ({ webFormUrl, contactText }: ConversationContext, hasDraft: boolean): string =>
    `Recibimos muchísimos mensajes tuyos en poco tiempo y por ahora no podemos leer más. *Lo que escribas durante la próxima hora puede no guardarse.*${hasDraft ? ' Tu denuncia sin terminar sigue guardada como estaba; todavía no está presentada.' : ''}\n\nQué puedes hacer: espera una hora y escribe *menú*${webFormUrl === undefined ? '' : `, o presenta tu denuncia en el formulario web: ${webFormUrl}`}. Si ya enviaste una denuncia, no se pierde.\n\nSi hay peligro, llama al *911*. Otros medios:\n${contactText}`,

  wayOn: 'Escribe *denunciar* para presentar una denuncia, o *menú* para ver las opciones.',
  help: 'Puedes escribir estas palabras en cualquier momento:\n*menú*: ver las opciones\n*listo*: terminar tu relato\n*atrás*: volver a la pregunta anterior\n*modalidad*: cambiar si es anónima o con tus datos\n*empezar de nuevo*: borrar lo que llevas y volver a empezar\n*cancelar*: borrar tu denuncia sin terminar\n*salir*: dejarla para después\n*persona*: cómo hablar con alguien\n*911*: teléfonos de emergencia y otros temas',
  anonymity: (context: ConversationContext): string =>
    `Sí. Las denuncias pueden ser anónimas y no tienes que dar tu nombre.\n\n${anonymityOnWhatsApp(context)}`,
  scope: ({ scopeText }: ConversationContext): string =>
    scopeText ??
    'Puedes denunciar actos de corrupción, abusos, cobros indebidos, desvío de recursos, acoso u otras faltas de personas servidoras públicas, y el mal servicio que recibiste. No necesitas pruebas: basta con contar lo que pasó.',
  tracking: ({ contactText, webFormUrl }: ConversationContext): string =>
    `Por WhatsApp todavía no puedes dar seguimiento a una denuncia. Con tu folio y tu clave puedes consultarla ${webFormUrl === undefined ? 'en los medios de la institución' : `en ${webFormUrl}`} o por teléfono. No escribas tu clave en este chat.\n\n${contactText}`,
  person: ({ contactText }: ConversationContext): string =>
    `Aquí contesta un sistema automático; nadie lee este chat en vivo. Para hablar con una persona:\n${contactText}\n\nSi hay peligro, llama al *911*.`,
  danger: ({ contactText }: ConversationContext): string =>
    `*Si tú u otra persona están en peligro, llama ahora al 911.* La llamada es gratuita. Aquí no podemos enviar ayuda.\n\n${contactText}`,
  deleteData: ({ contactText, draftHours }: ConversationContext, hasDraft: boolean): string =>
    `${
      hasDraft
        ? 'Tienes una denuncia sin terminar. Para borrarla ahora escribe *cancelar*.'
        : 'Mientras no empieces una denuncia no guardamos nada de ti.'
    } Lo que no envías se borra solo${draftHours === undefined ? '' : ` ${draftHours} horas después de tu último mensaje`}. En una denuncia anónima tu número no se guarda.\n\nSi ya enviaste una denuncia con tus datos, puedes pedir su cancelación (derechos ARCO) en:\n${contactText}\n\nBorra también los mensajes en tu teléfono: nosotros no podemos hacerlo.`,
  contact: ({ contactText }: ConversationContext): string =>
    `Si hay peligro o una emergencia, llama al *911*: aquí no podemos enviar ayuda.\n\nBaches, alumbrado, basura, trámites y otros temas que no son denuncia se atienden en:\n${contactText}`,
} as const;

function privacyText({ text, url }: ConversationContext['privacyNotice']): string {
  return url === undefined ? text : `${text}\n\nAviso completo: ${url}`;
}

function expiry(hours: number | undefined): string {
  return hours === undefined ? '' : ` Si no la continúas, se borra sola en ${hours} horas.`;
}

function filesIn(files: number): string {
  return files === 1 ? '1 archivo' : `${files} archivos`;
}

/** Said with the first answer to files: whoever sends them early is not asked for them. */
const CAREFUL = 'Revisa que no te identifiquen a ti, si no quieres que se sepa quién eres.';

const KIND_NAMES: Readonly<Record<MediaKind, readonly [one: string, more: string]>> = {
  image: ['foto', 'fotos'],
  video: ['video', 'videos'],
  voice: ['nota de voz', 'notas de voz'],
  audio: ['audio', 'audios'],
  document: ['documento', 'documentos'],
  sticker: ['sticker', 'stickers'],
};

function inKinds(media: readonly MediaKind[]): string {
  const kinds = [...new Set(media)];
  return kinds
    .map((kind) => {
      const count = media.filter((one) => one === kind).length;
      return `${count} ${KIND_NAMES[kind][count === 1 ? 0 : 1]}`;
    })
    .join(', ');
}
