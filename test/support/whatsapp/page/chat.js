/** The phone of a person in a tab. All that it knows comes from `/__standin/`; nothing leaves this machine. */

const PLACES = [
  ['Plaza de la Constitución, Ciudad de México', 19.432608, -99.133209],
  ['Palacio municipal de Acolman', 19.638, -98.912],
  ['Macroplaza, Monterrey', 25.669, -100.3099],
  ['Plaza de Armas, San Pedro Garza García', 25.6575, -100.4025],
];
/** Milliseconds between two looks for news. */
const SOON = 700;
const LATER = 4_000;
const TYPING = 25_000;

const $ = (id) => document.getElementById(id);
const CLOCK = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' };
const time = new Intl.DateTimeFormat('es-MX', CLOCK);
const day = new Intl.DateTimeFormat('es-MX', { weekday: 'long', day: 'numeric', month: 'long' });
const soon = new Intl.DateTimeFormat('es-MX', { weekday: 'long', ...CLOCK });
const full = new Intl.DateTimeFormat('es-MX', { day: 'numeric', month: 'long', year: 'numeric', ...CLOCK });

const state = {
  person: undefined,
  last: 0,
  lastDay: '',
  /** Bubbles by the id of their message. */
  bubbles: new Map(),
  quoting: undefined,
  /** Whether the newest message is in sight; then it stays so. */
  atEnd: true,
};

// --- The stand-in -----------------------------------------------------------------------------------------

async function ask(method, path, body, type = 'application/json') {
  const isFile = body instanceof Blob;
  const response = await fetch(`/__standin/${path}`, {
    method,
    headers: body === undefined ? {} : { 'content-type': type },
    body: body === undefined ? undefined : isFile ? body : JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error ?? `HTTP ${response.status}`);
  return answer;
}

async function say(...things) {
  const { statuses } = await ask('POST', `people/${state.person.id}/say`, { say: things });
  await look();
  if (statuses.some((status) => status !== 200))
    complain('La institución aún no contesta 200; el simulador lo intenta otra vez.');
}

function complain(text) {
  $('problem').textContent = text ?? '';
  $('problem').hidden = !text;
}

/** Runs what a click asks for; a failure is told above the field. */
function attempt(work) {
  return async (event) => {
    complain();
    try {
      await work(event);
    } catch (error) {
      complain(error.message);
    }
  };
}

const on = (id, event, work) => $(id).addEventListener(event, attempt(work));

// --- Text -------------------------------------------------------------------------------------------------

function make(name, props = {}, ...children) {
  const element = Object.assign(document.createElement(name), props);
  element.append(...children.filter((child) => child !== undefined));
  return element;
}

/** `*bold*`, `_italic_`, `~struck~`, ```` ```code``` ```` and addresses, as WhatsApp shows them. */
const MARKS =
  /```([\s\S]+?)```|(?<![\p{L}\p{N}])\*(\S(?:[^*\n]*\S)?)\*(?![\p{L}\p{N}])|(?<![\p{L}\p{N}])_(\S(?:[^_\n]*\S)?)_(?![\p{L}\p{N}])|(?<![\p{L}\p{N}])~(\S(?:[^~\n]*\S)?)~(?![\p{L}\p{N}])|(https?:\/\/[^\s<>"]+[^\s<>".,;:!?)])/gu;

function marked(text) {
  const nodes = [];
  let at = 0;
  for (const match of text.matchAll(MARKS)) {
    const [whole, code, bold, italic, struck, href] = match;
    nodes.push(text.slice(at, match.index));
    if (code !== undefined) nodes.push(make('code', { textContent: code }));
    else if (bold !== undefined) nodes.push(make('strong', {}, ...marked(bold)));
    else if (italic !== undefined) nodes.push(make('em', {}, ...marked(italic)));
    else if (struck !== undefined) nodes.push(make('s', {}, ...marked(struck)));
    else nodes.push(make('a', { href, target: '_blank', rel: 'noopener noreferrer', textContent: href }));
    at = match.index + whole.length;
  }
  nodes.push(text.slice(at));
  return nodes.filter((node) => node !== '');
}

const paragraph = (text, className = '') => make('p', { className }, ...marked(text));

// --- Bubbles ----------------------------------------------------------------------------------------------

function media(type, part) {
  const source = part.id === undefined ? part.link : `/__standin/files/${part.id}`;
  const alt = part.caption ?? 'Archivo sin descripción';
  if (type === 'image') return make('img', { src: source, alt });
  if (type === 'sticker') return make('img', { src: source, alt: 'Sticker', className: 'sticker' });
  if (type === 'video') return make('video', { src: source, controls: true, preload: 'metadata' });
  if (type === 'audio') return make('audio', { src: source, controls: true, preload: 'metadata' });
  const name = part.filename ?? 'documento';
  return make('p', {}, '📄 ', make('a', { href: source, download: name, textContent: name }));
}

const MEDIA = ['image', 'sticker', 'video', 'audio', 'document'];

/** What a message of either side shows. */
function contentOf(message) {
  const part = message[message.type] ?? {};
  if (message.type === 'text') return [paragraph(part.body)];
  if (MEDIA.includes(message.type))
    return [media(message.type, part), part.caption && paragraph(part.caption)].filter(Boolean);
  switch (message.type) {
    case 'location':
      return [paragraph(`📍 ${part.name ?? 'Ubicación'}\n${part.latitude}, ${part.longitude}`)];
    case 'contacts':
      return [paragraph(`👤 ${part[0]?.name?.formatted_name ?? part[0]?.phones?.[0]?.phone ?? 'Contacto'}`)];
    case 'interactive':
      return message.interactive ? interactiveOf(part) : [gone('Respuesta sin contenido')];
    case 'button':
      return [paragraph(part.text)];
    case 'template': {
      const words = (part.components ?? []).flatMap(({ parameters = [] }) =>
        parameters.map(({ text }) => text),
      );
      return [paragraph(`Plantilla “${part.name}”`, 'head'), paragraph(words.join(' · '))];
    }
    case 'unsupported':
      return [gone(part.type === 'poll_creation' ? 'Encuesta' : 'Archivo que la institución no recibe')];
    default:
      return [gone(`Mensaje de tipo ${message.type}`)];
  }
}

function interactiveOf({ type, header, body, footer, button_reply, list_reply, nfm_reply }) {
  const reply = button_reply ?? list_reply;
  if (reply) return [paragraph(reply.title)];
  if (nfm_reply) return [paragraph('Formulario enviado')];
  return [
    header?.text && paragraph(header.text, 'head'),
    header && header.type !== 'text' && media(header.type, header[header.type]),
    body && paragraph(body.text),
    footer && paragraph(footer.text, 'foot'),
    type === 'request_contact_info' && paragraph('La institución pide tu número.', 'foot'),
  ].filter(Boolean);
}

const gone = (text) => make('p', { className: 'gone', textContent: text });

function titleOf(message) {
  const part = message[message.type] ?? {};
  return (
    part.body?.text ?? part.body ?? part.caption ?? part.filename ?? part.button_reply?.title ?? 'Mensaje'
  );
}

function add(entry, id, message, mine) {
  const at = new Date(entry.at);
  if (day.format(at) !== state.lastDay) {
    state.lastDay = day.format(at);
    $('messages').append(make('p', { className: 'day', textContent: state.lastDay }));
  }
  const body = make('div', {}, ...contentOf(message));
  const status = make('span', { textContent: '' });
  const quoted = state.bubbles.get(message.context?.id ?? message.context?.message_id);
  const bubble = make(
    'div',
    { className: 'bubble' },
    make('span', { className: 'hidden', textContent: mine ? 'Tú: ' : 'Institución: ' }),
    quoted && message.type !== 'interactive'
      ? make('p', { className: 'quote', textContent: shorten(titleOf(quoted.message)) })
      : undefined,
    body,
    make(
      'div',
      { className: 'meta' },
      status,
      make('time', { dateTime: entry.at, textContent: time.format(at) }),
    ),
  );
  const turn = make('article', { className: mine ? 'turn mine' : 'turn' }, bubble);
  const options = mine ? undefined : optionsOf(id, message);
  if (options) turn.append(options);
  turn.append(mine ? ownActs(id, message) : theirActs(id));
  state.bubbles.set(id, { turn, bubble, body, status, message, mine });
  $('messages').append(turn);
}

const shorten = (text) => (text.length > 80 ? `${text.slice(0, 79)}…` : text);

/** The buttons below a message of the institution. */
function optionsOf(id, message) {
  const interactive = message.interactive;
  if (message.type !== 'interactive' || !interactive) return undefined;
  const action = interactive.action ?? {};
  const tap = (option) => attempt(() => say({ kind: 'tap', id: option.id, message: id }));
  const button = (text, work) => {
    const element = make('button', { type: 'button', textContent: text });
    element.addEventListener('click', work);
    return element;
  };
  const list = [];
  for (const { reply } of action.buttons ?? []) list.push(button(reply.title, tap(reply)));
  if (action.sections) {
    const choose = () => openChoices(action.button, action.sections, tap);
    list.push(button(`☰ ${action.button}`, choose));
  }
  if (action.name === 'cta_url') {
    const { url, display_text: text } = action.parameters;
    const safe = /^https?:\/\//.test(url) ? url : '#';
    list.push(
      make('a', { href: safe, target: '_blank', rel: 'noopener noreferrer', textContent: `↗ ${text}` }),
    );
  }
  if (action.name === 'send_location') list.push(button('📍 Enviar ubicación', () => open('place')));
  if (action.name === 'request_contact_info')
    list.push(
      button(
        'Compartir mi número',
        attempt(() => say({ kind: 'own_contact' })),
      ),
    );
  if (action.name === 'flow')
    list.push(button(action.parameters.flow_cta, () => openFlow(id, action.parameters)));
  return list.length > 0 ? make('div', { className: 'options' }, ...list) : undefined;
}

function openChoices(title, sections, tap) {
  $('choices-title').textContent = title;
  $('choice-list').replaceChildren(
    ...sections.flatMap(({ title: heading, rows = [] }) => [
      ...(heading ? [make('h3', { textContent: heading })] : []),
      ...rows.map((row) => {
        const small = row.description && make('small', { textContent: row.description });
        const element = make('button', { type: 'button' }, row.title, small || '');
        element.addEventListener('click', (event) => {
          $('choices').close();
          void tap(row)(event);
        });
        return element;
      }),
    ]),
  );
  open('choices');
}

function openFlow(id, { flow_cta: title, flow_token: token }) {
  const sample = JSON.stringify({ flow_token: token ?? 'unused' }, null, 2);
  openForm(title, 'Respuestas del formulario (JSON)', sample, (text) =>
    say({ kind: 'flow', answers: JSON.parse(text), message: id }),
  );
}

function acts(...list) {
  return make(
    'div',
    { className: 'acts' },
    ...list.map(([text, work, label]) => {
      const element = make('button', { type: 'button', textContent: text });
      if (label) element.setAttribute('aria-label', label);
      element.addEventListener('click', attempt(work));
      return element;
    }),
  );
}

function theirActs(id) {
  const react = (emoji) => [emoji, () => say({ kind: 'reaction', to: id, emoji }), `Reaccionar con ${emoji}`];
  return acts(['Responder', () => quote(id)], react('👍'), react('❤️'), [
    '✕',
    () => say({ kind: 'reaction', to: id, emoji: '' }),
    'Quitar mi reacción',
  ]);
}

function ownActs(id, message) {
  const editable = message.type === 'text' || message[message.type]?.caption !== undefined;
  const edit = () => {
    const { message: now } = state.bubbles.get(id);
    const text = now.type === 'text' ? now.text.body : now[now.type].caption;
    openForm('Editar mensaje', 'Nuevo texto', text, (body) => say({ kind: 'edit', of: id, body }));
  };
  return acts(...(editable ? [['Editar', edit]] : []), ['Eliminar', () => say({ kind: 'revoke', of: id })]);
}

function quote(id) {
  state.quoting = id;
  $('quoted-text').textContent = `Respondes a: ${shorten(titleOf(state.bubbles.get(id).message))}`;
  $('quoted').hidden = false;
  $('text').focus();
}

function unquote() {
  state.quoting = undefined;
  $('quoted').hidden = true;
}

// --- News -------------------------------------------------------------------------------------------------

function said(entry) {
  const { id, part } = entry.content;
  if (part.type === 'system') return;
  if (part.type === 'edit') {
    const known = state.bubbles.get(part.edit.original_message_id);
    if (!known) return;
    known.message = part.edit.message;
    known.body.replaceChildren(...contentOf(part.edit.message));
    known.status.textContent = 'Editado';
  } else if (part.type === 'revoke') {
    const known = state.bubbles.get(part.revoke.original_message_id);
    if (!known) return;
    known.body.replaceChildren(gone('Eliminaste este mensaje'));
    known.turn.querySelector('.acts')?.remove();
  } else if (part.type === 'reaction') {
    react(part.reaction.message_id, part.reaction.emoji, 'Tu reacción: ');
  } else add(entry, id, part, true);
}

function react(id, emoji, whose) {
  const known = state.bubbles.get(id);
  if (!known) return;
  known.turn.querySelector('.reaction')?.remove();
  if (!emoji) return;
  const label = make('span', { className: 'hidden', textContent: whose });
  known.bubble.after(make('span', { className: 'reaction' }, label, emoji));
}

function answered(entry) {
  const { id, body } = entry.content;
  $('typing').hidden = true;
  complain();
  if (body.type === 'reaction') react(body.reaction.message_id, body.reaction.emoji, 'Reacción: ');
  else add(entry, id, body, false);
}

let typing;
function shows(entry) {
  if (entry.kind === 'said') said(entry);
  else if (entry.kind === 'answered') answered(entry);
  else if (entry.kind === 'read') {
    const known = state.bubbles.get(entry.content.messageId);
    if (known?.mine) known.status.textContent = '✓✓ Leído';
  } else if (entry.kind === 'typing') {
    $('typing').hidden = false;
    clearTimeout(typing);
    typing = setTimeout(() => ($('typing').hidden = true), TYPING);
  } else if (entry.kind === 'webhook' || entry.kind === 'graph') raw(entry);
}

function raw({ at, kind, content }) {
  const { status, attempt: tries, body, method, path, answer } = content;
  const ok = status === 200;
  const summary =
    kind === 'webhook'
      ? `← webhook ${whatOf(body)}${tries > 1 ? ` (intento ${tries})` : ''} · ${status || 'sin respuesta'}`
      : `→ ${method} ${path} ${body?.type ?? body?.status ?? ''} · ${status || 'sin respuesta'}`;
  const details = make(
    'details',
    { className: ok ? '' : 'failed' },
    make('summary', { textContent: `${time.format(new Date(at))} ${summary}` }),
    make('pre', { textContent: JSON.stringify(kind === 'webhook' ? body : { body, answer }, null, 2) }),
  );
  $('raw-list').prepend(details);
  while ($('raw-list').children.length > 200) $('raw-list').lastElementChild.remove();
}

function whatOf(body) {
  const values = (body.entry ?? []).flatMap(({ changes = [] }) => changes.map(({ value }) => value));
  const names = values.flatMap(({ messages = [], statuses = [] }) => [
    ...messages.map(({ type }) => type),
    ...statuses.map(({ status }) => status),
  ]);
  return names.join(', ');
}

const list = $('messages');
list.addEventListener('scroll', () => {
  state.atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 80;
});

function stayAtEnd() {
  if (state.atEnd) list.scrollTop = list.scrollHeight;
}
// A picture has its height when it has come; the window may change its own.
for (const event of ['load', 'loadedmetadata']) list.addEventListener(event, stayAtEnd, true);
new ResizeObserver(stayAtEnd).observe(list);

let looking;
/** Looks for news once; who asks meanwhile waits for the same look. */
function look() {
  return (looking ??= (async () => {
    const { id } = state.person;
    const { entries, now, openUntil } = await ask('GET', `people/${id}/conversation?after=${state.last}`);
    // The person may have changed while the answer came.
    if (id !== state.person.id) return;
    for (const entry of entries) {
      state.last = entry.n;
      shows(entry);
    }
    const isOpen = openUntil !== null && openUntil > now;
    const text = isOpen
      ? `Puede escribirte hasta el ${soon.format(new Date(openUntil))}`
      : openUntil === null
        ? 'Aún no le has escrito'
        : 'Pasaron 24 horas: ya no puede escribirte';
    if ($('presence').textContent !== text) $('presence').textContent = text;
    $('window').textContent = `${text}.`;
    $('now').textContent = full.format(new Date(now));
    stayAtEnd();
  })().finally(() => (looking = undefined)));
}

async function watch() {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, document.hidden ? LATER : SOON));
    try {
      await look();
      if ($('problem').dataset.lost) complain();
      delete $('problem').dataset.lost;
    } catch {
      complain('Se perdió la conexión con el simulador.');
      $('problem').dataset.lost = 'yes';
    }
  }
}

// --- The person -------------------------------------------------------------------------------------------

async function become(person) {
  state.person = person;
  sessionStorage.setItem('person', person.id);
  Object.assign(state, { last: 0, lastDay: '', quoting: undefined });
  state.bubbles.clear();
  $('messages').replaceChildren();
  $('raw-list').replaceChildren();
  unquote();
  showPerson();
  await look();
}

function showPerson() {
  const { phone, hidesPhone } = state.person;
  $('own-number').textContent = `+${phone}${hidesPhone ? ' (oculto)' : ''}`;
  document.title = `+${phone} · chat de prueba`;
}

async function begin() {
  const { numbers } = await ask('GET', 'state');
  $('institution').textContent = numbers[0].name;
  const known = sessionStorage.getItem('person');
  const person = known && (await ask('GET', `people/${known}`).catch(() => undefined));
  await become(person ?? (await ask('POST', 'people', {})));
  void watch();
}

on('show-phone', 'click', () => {
  const { name, username, phone, hidesPhone, blocksUs } = state.person;
  $('person-name').value = name ?? '';
  $('person-username').value = username ?? '';
  $('person-mode').value = /^521\d{10}$/.test(phone) ? '521' : '52';
  $('person-hides').checked = hidesPhone === true;
  $('person-blocks').checked = blocksUs === true;
  $('person-phone').value = phone;
  open('phone');
});

on('save-person', 'click', async () => {
  $('phone').close();
  state.person = await ask('PATCH', `people/${state.person.id}`, {
    name: $('person-name').value.trim() || 'Persona',
    username: $('person-username').value.trim() || null,
    mode: $('person-mode').value,
    hidesPhone: $('person-hides').checked,
    blocksUs: $('person-blocks').checked,
  });
  showPerson();
});

on('move-number', 'click', async () => {
  const phone = givenPhone();
  if (phone === undefined) return;
  $('phone').close();
  state.person = await ask('POST', `people/${state.person.id}/number`, { phone });
  showPerson();
});

on('new-person', 'click', async () => {
  const phone = givenPhone();
  if (phone === undefined) return;
  $('phone').close();
  // The same number again would be the same person.
  await become(await ask('POST', 'people', phone === state.person.phone ? {} : { phone }));
});

function givenPhone() {
  const field = $('person-phone');
  return field.reportValidity() && field.value !== '' ? field.value : undefined;
}

// --- Dialogs ----------------------------------------------------------------------------------------------

function open(id) {
  $(id).showModal();
}

// Enter in a field does what the button says.
for (const form of document.querySelectorAll('dialog form'))
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    form.querySelector('.main')?.click();
  });

for (const button of document.querySelectorAll('[data-close]'))
  button.addEventListener('click', () => button.closest('dialog').close());

let done;
function openForm(title, label, text, work) {
  $('form-title').textContent = title;
  $('form-label').textContent = label;
  $('form-text').value = text;
  done = work;
  open('form');
}

on('form-done', 'click', async () => {
  const text = $('form-text').value;
  $('form').close();
  if (text.trim() !== '') await done(text);
});

on('show-clock', 'click', () => open('clock'));

for (const button of document.querySelectorAll('[data-advance]'))
  button.addEventListener(
    'click',
    attempt(async () => {
      $('clock').close();
      $('presence').textContent = 'Moviendo el reloj: el servicio se reinicia…';
      await ask('POST', 'clock', { advance: button.dataset.advance });
      await look();
    }),
  );

for (const [name, latitude, longitude] of PLACES)
  $('place-preset').append(make('option', { value: `${latitude},${longitude}`, textContent: name }));

on('place-preset', 'change', () => {
  const { value, selectedOptions } = $('place-preset');
  if (value === '') return;
  [$('place-latitude').value, $('place-longitude').value] = value.split(',');
  $('place-name').value = selectedOptions[0].textContent;
});

on('send-place', 'click', async () => {
  const [latitude, longitude] = ['latitude', 'longitude'].map((name) =>
    Number($(`place-${name}`).value || NaN),
  );
  if (!(Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180)) {
    $('place-latitude').reportValidity();
    $('place-longitude').reportValidity();
    return;
  }
  $('place').close();
  const name = $('place-name').value.trim();
  await say({ kind: 'location', latitude, longitude, ...(name && { name }) });
});

// --- Files ------------------------------------------------------------------------------------------------

let chosen = [];

function kindOf({ type }, asDocument) {
  if (asDocument) return 'document';
  if (/^image\/(jpeg|png)$/.test(type)) return 'image';
  if (/^video\/(mp4|3gpp)$/.test(type)) return 'video';
  return type.startsWith('audio/') ? 'audio' : 'document';
}

/** WhatsApp gives what people send one of its own types. A browser may know none for a file. */
async function bring(file, kind, caption) {
  const name = encodeURIComponent(file.name ?? 'archivo');
  const type = file.type || 'application/octet-stream';
  const { file: id } = await ask('POST', `files?name=${name}`, file, type);
  return { kind, file: id, filename: file.name, ...(caption && kind !== 'audio' && { caption }) };
}

for (const pick of ['media', 'audio', 'document'])
  $(`file-${pick}`).addEventListener('change', ({ target }) => {
    chosen = [...target.files].map((file) => ({ file, kind: kindOf(file, pick === 'document') }));
    target.value = '';
    if (chosen.length === 0) return;
    const size = ({ size: bytes }) =>
      bytes < 2 ** 20 ? `${Math.ceil(bytes / 2 ** 10)} kB` : `${(bytes / 2 ** 20).toFixed(1)} MB`;
    $('file-list').replaceChildren(
      ...chosen.map(({ file }) => make('li', { textContent: `${file.name} · ${size(file)}` })),
    );
    $('files-title').textContent = chosen.length > 1 ? `Enviar ${chosen.length} archivos` : 'Enviar archivo';
    $('file-caption').value = $('text').value;
    open('files');
  });

on('send-files', 'click', async () => {
  $('files').close();
  const caption = $('file-caption').value.trim();
  if (caption === $('text').value.trim()) $('text').value = '';
  // Of an album only the first carries the comment. WhatsApp takes no file of more than 100 MB.
  const things = await Promise.all(
    chosen.map(({ file, kind }, at) =>
      file.size > 100 * 2 ** 20 ? { kind: 'too_large' } : bring(file, kind, at === 0 ? caption : ''),
    ),
  );
  await say(...things);
});

on('attach', 'click', () => {
  const isOpen = $('attachments').hidden;
  $('attachments').hidden = !isOpen;
  $('attach').setAttribute('aria-expanded', String(isOpen));
});

function closeAttachments() {
  $('attachments').hidden = true;
  $('attach').setAttribute('aria-expanded', 'false');
}

for (const button of $('attachments').querySelectorAll('button'))
  button.addEventListener(
    'click',
    attempt(async () => {
      const { pick, open: dialog, say: kind } = button.dataset;
      closeAttachments();
      if (pick) $(`file-${pick}`).click();
      else if (dialog) open(dialog);
      else await say({ kind });
    }),
  );

// --- Voice ------------------------------------------------------------------------------------------------

let recorder;

on('voice', 'click', async () => {
  if (recorder) return recorder.stop();
  // Without a microphone a file is as good.
  const stream = await navigator.mediaDevices?.getUserMedia({ audio: true }).catch(() => undefined);
  if (!stream || !window.MediaRecorder) return $('file-audio').click();
  const types = ['audio/ogg;codecs=opus', 'audio/mp4', 'audio/webm;codecs=opus'];
  const mimeType = types.find((type) => MediaRecorder.isTypeSupported(type));
  recorder = new MediaRecorder(stream, { mimeType });
  const chunks = [];
  recorder.addEventListener('dataavailable', ({ data }) => chunks.push(data));
  recorder.addEventListener(
    'stop',
    attempt(async () => {
      const type = recorder.mimeType.replace(/;\s*codecs=opus$/, '; codecs=opus');
      recorder = undefined;
      for (const track of stream.getTracks()) track.stop();
      showRecording(false);
      const { file } = await ask('POST', 'files?name=nota-de-voz', new Blob(chunks), type);
      await say({ kind: 'voice', file });
    }),
  );
  recorder.start();
  showRecording(true);
});

function showRecording(isOn) {
  $('voice').classList.toggle('recording', isOn);
  $('voice-sign').textContent = isOn ? '■' : '●';
  $('voice-label').textContent = isOn ? 'Terminar y enviar la nota de voz' : 'Grabar nota de voz';
}

// --- Writing ----------------------------------------------------------------------------------------------

on('composer', 'submit', async (event) => {
  event.preventDefault();
  const body = $('text').value;
  if (body.trim() === '') return;
  $('text').value = '';
  fit();
  const part = { kind: 'text', body };
  const thing = state.quoting ? { kind: 'quoting', message: state.quoting, part } : part;
  unquote();
  state.atEnd = true;
  await say(thing);
});

$('text').addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  $('composer').requestSubmit();
});

/** The field grows with its text. */
function fit() {
  $('text').style.height = 'auto';
  $('text').style.height = `${$('text').scrollHeight}px`;
}
$('text').addEventListener('input', fit);
$('unquote').addEventListener('click', unquote);

function showRaw(isOpen) {
  $('raw').hidden = !isOpen;
  $('show-raw').setAttribute('aria-expanded', String(isOpen));
}
$('show-raw').addEventListener('click', () => showRaw($('raw').hidden));
$('hide-raw').addEventListener('click', () => {
  showRaw(false);
  $('show-raw').focus();
});

await attempt(begin)();
