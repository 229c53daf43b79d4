import { describe, expect, it } from '@jest/globals';
import { CONTEXT, Talk } from '../../../../test/support/whatsapp-talk.js';
import { FILES_MAX, narrative } from './draft.js';
import { filesOf } from './engine.js';
import type { MessageContent } from './messages.js';
import { TEXTS } from './texts.js';

const FACTS = 'En la ventanilla 3 me pidieron 500 pesos para darme cita';
const VOICE: MessageContent = { type: 'media', media: 'voice' };
const account = (talk: Talk): string => (talk.state?.draft ? narrative(talk.state.draft) : '');
const begun = (): Talk => new Talk().begin('Anónima');

describe('photos, videos and documents', () => {
  it('of an album are kept, and answered once when the person pauses', () => {
    const talk = begun();
    talk.text(FACTS);
    for (let photo = 0; photo < 10; photo += 1) {
      talk.file();
      expect(talk.messages).toEqual([]);
    }
    expect(talk.patience).toBe(20);
    talk.wait();
    expect(talk.said).toBe(TEXTS.taken(10));
    talk.text('listo', 'resumen');
    expect(talk.said).toContain('Archivos: 10 (10 fotos)');
    talk.tap('Enviar denuncia');
    expect(talk.submitted?.files).toHaveLength(10);
    expect(talk.submitted?.filesNotKept).toBe(0);
  });

  it('are sent in the order in which the person sent them, whatever order Meta brings them in', () => {
    const talk = begun();
    talk.text(FACTS);
    for (const at of [30, 10, 20])
      talk.receive({ type: 'media', media: 'image' }, { key: String(at), sentAt: 1_800_000_000 + at });
    talk.text('listo', 'resumen', 'enviar');
    expect(talk.submitted?.files.map(({ id }) => id)).toEqual(['file of 10', 'file of 20', 'file of 30']);
  });

  it('are asked for once, behind the questions, and not of whoever has sent some', () => {
    const talk = begun();
    talk.text(FACTS, 'listo', 'omitir', 'omitir', 'omitir');
    expect(talk.said).toBe(TEXTS.evidence);
    expect(talk.titles).toEqual(['No tengo archivos', 'Ir al resumen']);
    talk.file();
    talk.file({ type: 'media', media: 'document' });
    expect(talk.messages).toEqual([]);
    talk.wait();
    expect(talk.said).toBe(TEXTS.filesSoFar(2));
    expect(talk.titles).toEqual(['Ya envié todo']);
    talk.text('ya son todas');
    expect(talk.said).toContain('Archivos: 2 (1 foto, 1 documento)');
    const other = begun();
    other.text(FACTS);
    other.file();
    other.text('listo', 'omitir', 'omitir', 'omitir');
    expect(other.state?.step).toBe('confirm');
  });

  it('may come at every step behind the notice, also while the summary waits, which then shows them', () => {
    for (const words of [
      [],
      [FACTS, 'listo'],
      [FACTS, 'listo', 'omitir'],
      [FACTS, 'listo', 'omitir', 'omitir'],
      [FACTS, 'listo', 'resumen'],
    ]) {
      const talk = begun();
      talk.text(...words);
      const step = talk.state?.step;
      talk.file();
      talk.file();
      expect([talk.messages, talk.patience]).toEqual([[], 20]);
      talk.wait();
      expect(talk.state?.step).toBe(step);
      expect(talk.said).toMatch(/2 archivos|Archivos: 2/);
      if (words.length === 0) talk.text(FACTS, 'listo');
      talk.text('resumen', 'enviar');
      expect(talk.submitted?.files).toHaveLength(2);
    }
  });

  it('of somebody who chooses between the modes keep, and the mode is asked again', () => {
    const talk = new Talk();
    talk.text('denunciar', 'acepto');
    talk.file();
    talk.wait();
    expect(talk.said).toContain(TEXTS.filesTaken(1));
    expect(talk.titles).toContain('Anónima');
    talk.text('anónima');
    expect(talk.said).toBe(TEXTS.filesNeedWords(1));
  });

  it('alone are no report: words or a voice are asked for', () => {
    const talk = begun();
    talk.file();
    talk.wait();
    expect(talk.said).toBe(TEXTS.filesNeedWords(1));
    talk.text('listo');
    expect(talk.said).toBe(TEXTS.filesNeedWords(1));
    talk.text(FACTS, 'listo', 'resumen', 'enviar');
    expect(talk.submitted).toMatchObject({ narrative: FACTS });
    expect(talk.submitted?.files).toHaveLength(1);
  });

  it('carry the words that stood below them, also when these are edited', () => {
    const talk = begun();
    const key = talk.file({ type: 'media', media: 'image', caption: 'el recibo que me dieron' });
    expect(account(talk)).toBe('el recibo que me dieron');
    const content = { type: 'media', media: 'image', caption: 'el recibo falso que me dieron' } as const;
    talk.receive({ type: 'edit', originalMessageId: '-', content }, { originalKey: key });
    expect(account(talk)).toBe('el recibo falso que me dieron');
    talk.text('listo', 'resumen', 'enviar');
    expect(talk.submitted?.files).toEqual([
      { id: `file of ${key}`, caption: 'el recibo falso que me dieron' },
    ]);
  });

  it('go when their message is deleted, also when the deletion comes first', () => {
    const talk = begun();
    talk.text(FACTS);
    const [first, second] = [talk.file(), talk.file()];
    talk.revoke(first);
    expect(filesOf(talk.state)).toEqual([`file of ${second}`]);
    talk.revoke('later');
    talk.receive({ type: 'media', media: 'image' }, { key: 'later' });
    expect(filesOf(talk.state)).toEqual([`file of ${second}`]);
    talk.text('cancelar', 'sí');
    expect(filesOf(talk.state)).toEqual([]);
  });

  it('are no more than a case takes, and the person hears it once', () => {
    const talk = begun();
    talk.text(FACTS);
    for (let photo = 0; photo < FILES_MAX; photo += 1) talk.file();
    expect(talk.messages).toEqual([]);
    talk.file();
    expect(talk.said).toBe(TEXTS.tooManyFiles);
    talk.file();
    expect(talk.messages).toEqual([]);
    talk.text('listo', 'resumen', 'enviar');
    expect(talk.submitted?.files).toHaveLength(FILES_MAX);
    expect(talk.submitted?.filesNotKept).toBe(2);
  });

  it('before a denuncia or its notice are not kept, and the person hears it once', () => {
    const talk = new Talk();
    talk.file();
    expect(talk.said).toBe(TEXTS.filesTooSoon);
    talk.file();
    expect(talk.messages).toEqual([]);
    talk.text('denunciar');
    talk.file();
    expect(talk.said).toBe(TEXTS.filesTooEarly);
    expect(talk.titles).toEqual(['Acepto', 'No acepto']);
    talk.file();
    expect(talk.messages).toEqual([]);
    talk.tap('Acepto');
    talk.text('anónima', FACTS, 'listo', 'resumen');
    // They were asked to send them again: nothing is missing in the report.
    expect(talk.said).not.toContain('no se guard');
    expect(filesOf(talk.state)).toEqual([]);
  });

  it('are no contact cards', () => {
    const talk = begun();
    talk.file({ type: 'contacts', count: 1 });
    expect(talk.said).toBe(TEXTS.cardNotKept);
    expect(talk.state).toMatchObject({ filesNotKept: 1, draft: { files: [] } });
  });

  it('are not lost by one word: cancelling asks first', () => {
    const talk = begun();
    talk.file();
    talk.text('cancelar');
    expect(talk.said).toBe(TEXTS.cancelAsked);
    talk.text('no');
    expect(filesOf(talk.state)).toHaveLength(1);
  });

  it.each(['ya', 'no tengo', 'es todo', 'ya mandé las fotos', 'me quitó el celular, no tengo nada'])(
    '“%s” behind the question for them leads to the summary',
    (words) => {
      const talk = begun();
      talk.text(FACTS, 'listo', 'omitir', 'omitir', 'omitir', words);
      expect(talk.state?.step).toBe('confirm');
    },
  );

  it.each([
    'borra la última foto',
    'quita la foto',
    'borra la foto porfa',
    'elimina el video',
    'cancelar el video',
    'quiero quitar un archivo',
    'saca la foto',
  ])('“%s” tells how to take a file back: neither is it kept as words nor is anything deleted', (words) => {
    for (const before of [[], [FACTS, 'listo', 'omitir', 'omitir', 'omitir'], [FACTS, 'listo', 'resumen']]) {
      const talk = begun();
      talk.file();
      talk.text(...before);
      const { step } = talk.state!;
      talk.text(words);
      expect(account(talk)).not.toContain(words);
      expect(talk.said).toContain(TEXTS.fileHelp);
      expect(talk.state?.step).toBe(step);
      expect(filesOf(talk.state)).toHaveLength(1);
    }
  });

  it.each([
    'van a borrar el video de la cámara de la entrada',
    'quien borra las imágenes es Juan Pérez',
    'me obligó a borrar el video',
    'para eliminar el documento pidió mil pesos',
    'el policía me quita la foto y me amenaza',
    'urge que no borren los videos',
  ])('“%s” tells something, and is kept at every step', (words) => {
    for (const before of [
      [],
      [FACTS, 'listo'],
      [FACTS, 'listo', 'omitir', 'omitir'],
      [FACTS, 'listo', 'resumen'],
    ]) {
      const talk = begun();
      talk.file();
      talk.text(...before, words);
      const kept = talk.state!.draft!;
      expect([account(talk), kept.details?.where?.text, kept.details?.who?.text].join('\n')).toContain(words);
    }
  });

  it('that cannot be kept lose none of their words', () => {
    const talk = begun();
    talk.context = { ...CONTEXT, filesFull: true };
    talk.file({ type: 'media', media: 'image', caption: 'el director me dijo que me iba a matar' });
    expect(account(talk)).toContain('me iba a matar');
    talk.text('listo', 'resumen', 'enviar');
    expect(talk.submitted).toMatchObject({ urgent: true, filesNotKept: 1, files: [] });
  });

  it.each(['no puedo mandar más', 'ya no me faltan'])('“%s” ends them', (words) => {
    const talk = begun();
    talk.text(FACTS, 'listo', 'omitir', 'omitir', 'omitir', words);
    expect(talk.state?.step).toBe('confirm');
  });

  it.each([
    'no es todo',
    'no son todas',
    'no, espera',
    'ya mandé una, faltan dos',
    'mañana las mando',
    'no me deja mandar el video',
    'no se pueden enviar los videos',
    'no carga',
  ])('“%s” does not end them', (words) => {
    const talk = begun();
    talk.text(FACTS, 'listo', 'omitir', 'omitir', 'omitir', words);
    expect(talk.state?.step).toBe('evidence');
  });

  it('“borrar” where files are asked for deletes the report only when it is said again', () => {
    const talk = begun();
    talk.text(FACTS, 'listo', 'omitir', 'omitir', 'omitir');
    talk.file();
    talk.text('borrar');
    expect(talk.said).toBe(TEXTS.cancelAsked);
    expect(talk.unknown).toBe(false);
    talk.text('borrar');
    expect(talk.unknown).toBe(true);
  });

  it('of which the words do not fit are kept, and that is said once', () => {
    const talk = begun();
    for (let piece = 0; piece < 5; piece += 1) talk.text('x'.repeat(3999));
    for (let photo = 0; photo < 5; photo += 1)
      talk.file({ type: 'media', media: 'image', caption: 'lo que se ve '.repeat(20) });
    expect(filesOf(talk.state)).toHaveLength(5);
    expect(talk.heard.filter(({ body }) => body === TEXTS.captionNotKept)).toHaveLength(1);
  });

  it('are told when the case has no more room for them', () => {
    const talk = begun();
    talk.context = { ...CONTEXT, filesFull: true };
    talk.file();
    expect(talk.said).toBe(TEXTS.tooManyFiles);
    expect(filesOf(talk.state)).toEqual([]);
  });

  it('are answered after every pause where they are asked for', () => {
    const talk = begun();
    talk.text(FACTS, 'listo', 'omitir', 'omitir', 'omitir');
    for (const count of [1, 2, 3]) {
      talk.file();
      talk.wait();
      expect(talk.said).toBe(TEXTS.filesSoFar(count));
    }
    talk.receive({ type: 'location', latitude: 19.6, longitude: -98.9 });
    expect(talk.patience).toBe(20);
  });

  it('of which none is left are not counted', () => {
    const talk = begun();
    talk.text(FACTS, 'listo');
    talk.revoke(talk.file());
    if (talk.patience === 20) talk.wait();
    expect(talk.heard.some(({ body }) => body.includes('0 archivos'))).toBe(false);
  });

  it('what is told instead of files is kept', () => {
    const talk = begun();
    talk.text(FACTS, 'listo', 'omitir', 'omitir', 'omitir', 'es mi palabra contra la del director');
    expect(talk.state?.step).toBe('confirm');
    expect(account(talk)).toContain('es mi palabra contra la del director');
  });
});

describe('a voice', () => {
  it('is a report without a written word', () => {
    const talk = begun();
    const key = talk.file(VOICE);
    expect(talk.messages).toEqual([]);
    talk.wait();
    expect(talk.said).toBe(TEXTS.taken(1));
    talk.tap('Listo, continuar');
    talk.tap('Ir al resumen');
    expect(talk.said).toContain(TEXTS.summaryVoice);
    expect(talk.said).toContain('Archivos: 1 (1 nota de voz)');
    talk.tap('Enviar denuncia');
    expect(talk.submitted).toMatchObject({ voice: true, files: [{ id: `file of ${key}` }] });
    expect(talk.submitted).not.toHaveProperty('narrative');
  });

  it('with a few words loses none of them', () => {
    const talk = begun();
    talk.file(VOICE);
    talk.text('rateros', 'listo', 'resumen');
    expect(talk.said).toContain(`${TEXTS.summaryVoice}\nRelato:\nrateros`);
    talk.text('enviar');
    expect(talk.submitted).toMatchObject({
      voice: true,
      narrative: 'Relato por voz. También escribió: rateros',
    });
  });

  it('beside an account in words is evidence', () => {
    const talk = begun();
    talk.text(FACTS);
    talk.file(VOICE);
    talk.text('listo', 'resumen', 'enviar');
    expect(talk.submitted).toMatchObject({ narrative: FACTS });
    expect(talk.submitted).not.toHaveProperty('voice');
  });

  it('answers where, when and who, and says so', () => {
    const talk = begun();
    talk.text(FACTS, 'listo');
    const where = talk.file(VOICE);
    expect(talk.said).toBe(TEXTS.when);
    talk.pass(30);
    talk.file(VOICE);
    expect(talk.said).toBe(TEXTS.who);
    talk.pass(30);
    talk.file(VOICE);
    expect(talk.said).toBe(TEXTS.filesSoFar(3));
    talk.text('listo');
    expect(talk.said).toContain(
      'Dónde: en tu nota de voz\nCuándo: en tu nota de voz\nQuién: en tu nota de voz',
    );
    talk.tap('Enviar denuncia');
    expect(talk.submitted?.files.map(({ caption }) => caption)).toEqual([
      'Nota de voz que llegó después de preguntar: Dónde',
      'Nota de voz que llegó después de preguntar: Cuándo',
      'Nota de voz que llegó después de preguntar: Quién',
    ]);
    expect(talk.submitted).not.toHaveProperty('place');
    const other = begun();
    other.text(FACTS, 'listo');
    const key = other.file(VOICE);
    other.text('resumen');
    other.revoke(key);
    expect([where, other.said]).toEqual([key, TEXTS.where]);
  });

  it('in several notes at once answers one question: the next one was not read yet', () => {
    const talk = begun();
    talk.text(FACTS, 'listo');
    talk.file(VOICE);
    talk.file(VOICE);
    talk.file(VOICE);
    expect(talk.state?.step).toBe('when');
    expect(talk.messages).toEqual([]);
    talk.wait();
    expect(talk.said).toBe(`${TEXTS.filesTaken(3)}\n\n${TEXTS.when}`);
  });

  it('of somebody else, passed on, is evidence and no answer', () => {
    const passedOn: MessageContent = { ...VOICE, forwarded: true };
    const talk = begun();
    talk.file(passedOn);
    talk.text('listo');
    expect(talk.said).toBe(TEXTS.filesNeedWords(1));
    talk.text(FACTS, 'listo');
    talk.file(passedOn);
    expect([talk.messages, talk.state?.step]).toEqual([[], 'where']);
  });

  it('is no film: what a film shows needs words', () => {
    const talk = begun();
    talk.file({ type: 'media', media: 'video' });
    talk.text('listo');
    expect(talk.said).toBe(TEXTS.filesNeedWords(1));
  });

  it('as account does not keep the bot from asking for photos', () => {
    const talk = begun();
    talk.file(VOICE);
    talk.text('listo', 'omitir', 'omitir', 'omitir');
    expect(talk.state?.step).toBe('evidence');
  });

  it('that was spoken before the account was closed is part of it', () => {
    const talk = begun();
    talk.text(FACTS, 'listo');
    talk.receive(VOICE, { sentAt: 1_790_000_001 });
    expect(talk.state?.step).toBe('where');
    expect(filesOf(talk.state)).toHaveLength(1);
  });
});

describe('files that could not be had from the chat', () => {
  const lost = (talk: Talk, ...keys: string[]): void => {
    talk.context = { ...CONTEXT, lostFiles: keys.map((key) => `file of ${key}`) };
  };

  it('leave the draft, and the next answer says so, once', () => {
    const talk = begun();
    talk.text(FACTS);
    const [first] = [talk.file(), talk.file()];
    lost(talk, first!);
    talk.text('listo');
    expect(talk.said).toBe(`${TEXTS.filesLost(1)}\n\n${TEXTS.where}`);
    talk.text('resumen');
    expect(talk.said).not.toContain('⚠️');
    expect(talk.said).toContain('Archivos: 1 (1 foto)');
  });

  it('are told also when the message behind them is not answered', () => {
    const talk = begun();
    talk.text(FACTS);
    const first = talk.file();
    lost(talk, first);
    talk.file();
    expect(talk.messages).toEqual([]);
    lost(talk);
    talk.wait();
    expect(talk.said).toBe(`${TEXTS.filesLost(1)}\n\n${TEXTS.taken(1)}`);
  });

  it('are told before the report is sent, not behind it', () => {
    const talk = begun();
    talk.text(FACTS);
    const first = talk.file();
    talk.text('listo', 'resumen');
    lost(talk, first);
    talk.tap('Enviar denuncia');
    expect(talk.submitted).toBeUndefined();
    expect(talk.said).toContain(TEXTS.filesLost(1));
    // Who sent files was not asked for them.
    expect(talk.said).toContain(TEXTS.evidence);
    talk.text('no tengo');
    talk.tap('Enviar denuncia');
    expect(talk.submitted?.files).toEqual([]);
  });

  it('stand behind what helps in danger, and not in front of a farewell', () => {
    const talk = begun();
    const first = talk.file();
    lost(talk, first);
    talk.text('me está golpeando con un palo');
    expect(talk.messages[0]!.body).toBe(TEXTS.danger(CONTEXT));
    const other = begun();
    const photo = other.file();
    lost(other, photo);
    other.text('borrar');
    expect(other.said).toBe(TEXTS.canceled);
  });

  it('a voice that was all of the report opens the account again', () => {
    const talk = begun();
    const voice = talk.file(VOICE);
    talk.text('listo', 'resumen');
    lost(talk, voice);
    talk.tap('Enviar denuncia');
    expect(talk.submitted).toBeUndefined();
    expect(talk.state?.step).toBe('narrative');
    expect(talk.said).toContain(TEXTS.filesLost(1));
  });

  it('and a voice that answered a question opens it again', () => {
    const talk = begun();
    talk.text(FACTS, 'listo');
    const voice = talk.file(VOICE);
    talk.text('resumen');
    lost(talk, voice);
    talk.tap('Enviar denuncia');
    expect(talk.said).toBe(`${TEXTS.filesLost(1)}\n\n${TEXTS.where}`);
  });
});
