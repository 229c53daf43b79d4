import type { ServerResponse } from 'node:http';
import { errorEnvelope, statusOf, type GraphError } from './errors.js';
import type { MessageFault } from './faults.js';
import { numberOf, type Call, type Reply, type Route } from './graph-server.js';
import type { Json } from './http.js';
import { optionsOf } from './message-rules.js';
import type { Account } from './numbers.js';
import { wamid } from './wamid.js';
import type { SentMessage, World } from './world.js';

/** `POST /{phone-number-id}/messages`: messages, and that a message was read. */
const messages: Route = (call, world) => {
  if (call.path[1] !== 'messages' || call.path.length !== 2) return undefined;
  const account = numberOf(call, world);
  if (!account || call.method !== 'POST') return undefined;
  const reply = replyTo(call, account, world);
  note(call, reply, world);
  return reply;
};

export const messageRoutes: readonly Route[] = [messages];

function replyTo({ request, body }: Call, account: Account, world: World): Reply {
  if (!(request.headers['content-type'] ?? '').startsWith('application/json'))
    return { error: { code: 100, details: 'The body is no JSON' } };
  const error = world.schema.departureOf(body) ?? world.rules.faultOf(body);
  if (error) return { error };
  // What reads a message is none: a fault waits for the next one that is.
  if ('status' in body) return read(body, account, world);
  const fault = world.messageFaults.next();
  const early = before(fault, world);
  if (early) return early;
  const address = String(body.to ?? body.recipient);
  const refusal = refusalOf(address, body, account, world);
  if (refusal) return { error: refusal };
  const sent = take(address, body, account, world);
  return after(fault, world) ?? { body: accepted(sent, world) };
}

/** A fault that keeps the message from being taken. */
function before(fault: MessageFault | undefined, world: World): Reply | undefined {
  if (fault === 'error_before_accepting') return { error: { code: 131000, details: 'Something went wrong' } };
  if (fault === 'redirect')
    return instead(302, (response) => response.writeHead(302, { location: world.url }).end());
  if (typeof fault !== 'object' || fault.after === true) return undefined;
  return onDemand(fault);
}

/** A fault behind the taking: only the answer suffers. */
function after(fault: MessageFault | undefined, world: World): Reply | undefined {
  switch (fault) {
    case 'timeout_after_accepting':
      return instead(0, () => undefined);
    case 'error_after_accepting':
      return instead(502, (response) => response.writeHead(502).end());
    case 'garbage':
      return instead(200, (response) => response.writeHead(200).end('<html></html>'));
    default:
      if (typeof fault !== 'object') return undefined;
      return 'code' in fault ? { ...onDemand(fault) } : onDemand(fault, world.dice.trace());
  }
}

function onDemand(fault: MessageFault & object, trace = ''): Reply {
  if ('code' in fault) return { error: { code: fault.code, status: fault.status, details: 'On demand' } };
  const { status } = fault;
  return instead(status, (response) => response.writeHead(status, { 'x-fb-trace-id': trace }).end());
}

function instead(status: number, act: (response: ServerResponse) => unknown): Reply {
  return { status, instead: (response) => void act(response) };
}

/** Why this person does not get this message. */
function refusalOf(address: string, body: Json, account: Account, world: World): GraphError | undefined {
  const known = world.people.at(address);
  const code = known && world.refusals.get(known.id);
  if (code !== undefined) return { code, details: 'On demand, for this person' };
  if (known && world.people.blockedBy(account).includes(known))
    return { code: 131026, details: 'The person is blocked' };
  if (body.to === `+${account.displayPhoneNumber}`)
    return { code: 131021, details: 'Sender and recipient are the same' };
  if (body.type === 'template' || world.people.isOpen(account, address)) return undefined;
  return {
    code: 131047,
    details: 'More than 24 hours have passed since the person last wrote to this number',
  };
}

function take(address: string, body: Json, account: Account, world: World): SentMessage {
  const known = world.people.at(address);
  const digits = known?.person.phone ?? (address.replace(/\D/g, '') || '0');
  const interactive = (body.interactive ?? {}) as Json;
  const sent: SentMessage = {
    id: wamid(digits, 'out', world.dice),
    address,
    type: String(interactive.type ?? body.type),
    text: textOf(body),
    options: optionsOf(interactive),
    body,
    phoneNumberId: account.phoneNumberId,
  };
  if (typeof body.biz_opaque_callback_data === 'string') sent.opaque = body.biz_opaque_callback_data;
  world.took(account, sent);
  return sent;
}

/** What the person reads: the text, the body of buttons and lists, the caption, the words of a template. */
function textOf(body: Json): string {
  const part = (body[String(body.type)] ?? {}) as Json;
  if (body.type === 'template') {
    const components = (part.components ?? []) as { parameters?: { text?: string }[] }[];
    const words = components.flatMap(({ parameters = [] }) => parameters.map(({ text = '' }) => text));
    return [part.name, ...words].join(' ').trim();
  }
  const text = part.body ?? part.caption ?? part.emoji ?? '';
  return String(typeof text === 'object' ? (text as Json).text : text);
}

/** Accepted, not delivered. The `wa_id` is Meta's form of the number, not always the given one. */
function accepted({ address, id }: SentMessage, world: World): Json {
  const phone = /^\+(\d+)$/.exec(address)?.[1];
  const known = world.people.at(address)?.person.phone ?? phone;
  return {
    messaging_product: 'whatsapp',
    contacts: [{ input: address, ...(phone === undefined ? { user_id: address } : { wa_id: known }) }],
    messages: [{ id }],
  };
}

function read(body: Json, account: Account, world: World): Reply {
  const known = world.received.get(String(body.message_id));
  const about = { messageId: body.message_id, phoneNumberId: account.phoneNumberId };
  world.journal.note(world.clock.now(), 'read', about, known);
  if (body.typing_indicator) world.journal.note(world.clock.now(), 'typing', about, known);
  return { body: { success: true } };
}

function note({ path, body }: Call, reply: Reply, world: World): void {
  const person =
    'status' in body
      ? world.received.get(String(body.message_id))
      : world.people.at(String(body.to ?? body.recipient))?.id;
  const [status, answer] =
    'error' in reply
      ? [statusOf(reply.error), errorEnvelope(reply.error, world.dice)]
      : [reply.status ?? 200, 'body' in reply ? reply.body : undefined];
  const content = { method: 'POST', path: `/${path.join('/')}`, body, status, answer };
  world.journal.note(world.clock.now(), 'graph', content, person);
}
