/** Who wrote, with the identifiers exactly as Meta gave them. Any of them may be missing. */
export interface Sender {
  /** Digits only, without `+`. In Mexico the same person may have 52… or 521…. */
  phone?: string;
  /** Business-scoped user id, e.g. `MX.1349…`. The person gets a new one with a new number. */
  bsuid?: string;
  /** Parent id shared by several portfolios, `MX.ENT.1181…`. */
  parent?: string;
}

/**
 * Where an answer goes: `to` is a phone with `+`, `recipient` a business-scoped user id. `from` is the id of
 * the number that was written to, and that answers. Absent: the number of the environment, also in rows of
 * when there was no other.
 */
export type ReplyAddress = ({ to: string } | { recipient: string }) & { from?: string };

const PHONE = /^\+?(\d{5,20})$/;
const BSUID = /^[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}$/;
/** Exactly thirteen digits, so that Argentina's 549… and Brazil's ninth digit stay unchanged. */
const MEXICAN_MOBILE_WITH_1 = /^521(\d{10})$/;

/**
 * Sort identifiers by their form, not by the field they came in: a business-scoped id has been seen inside
 * `from` and `wa_id`. The first identifier of each kind wins. Anything else is dropped.
 */
export function identify(...candidates: readonly (string | undefined)[]): Sender {
  const sender: Sender = {};
  for (const candidate of candidates) {
    if (candidate === undefined) continue;
    const digits = PHONE.exec(candidate)?.[1];
    const id = BSUID.exec(candidate);
    if (digits !== undefined) sender.phone ??= digits;
    else if (id?.[1] !== undefined) sender.parent ??= candidate;
    else if (id) sender.bsuid ??= candidate;
  }
  return sender;
}

/** True when nothing identifies the sender. Then no session can be found and no answer sent. */
export function isNobody(sender: Sender): boolean {
  return senderKeys(sender).length === 0;
}

/**
 * The form by which a phone is looked up. WhatsApp still uses the `1` that Mexican mobiles had until 2019.
 * Meta may add or drop it from one message to the next ("standard behavior … not considered a bug").
 */
export function canonicalPhone(phone: string): string {
  return phone.replace(MEXICAN_MOBILE_WITH_1, '52$1');
}

/**
 * The strings under which a sender's session is known, the strongest first: business-scoped id, then phone.
 * The parent id is used only when there is nothing else. They are personal data: store them only as keyed
 * hashes.
 */
export function senderKeys(sender: Sender): string[] {
  const keys: string[] = [];
  if (sender.bsuid !== undefined) keys.push(`wa|${sender.bsuid}`);
  if (sender.phone !== undefined) keys.push(`wa|${canonicalPhone(sender.phone)}`);
  if (keys.length === 0 && sender.parent !== undefined) keys.push(`wa|${sender.parent}`);
  return keys;
}

/**
 * Where to answer: exactly what Meta gave, never the canonical form. The phone comes first, because Graph
 * prefers `to` when both are present and accepts every message type for it.
 */
export function replyAddress(sender: Sender): ReplyAddress | undefined {
  if (sender.phone !== undefined) return { to: `+${sender.phone}` };
  const recipient = sender.bsuid ?? sender.parent;
  return recipient === undefined ? undefined : { recipient };
}

/** The number at which the person can be called (`+52…`); undefined when WhatsApp hides it. */
export function dialablePhone(sender: Sender): string | undefined {
  return sender.phone === undefined ? undefined : `+${canonicalPhone(sender.phone)}`;
}
