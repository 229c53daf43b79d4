/**
 * How a report comes in: by the public web or the form of an agency, by WhatsApp, or by a call that an
 * operator takes.
 */
export const CHANNELS = ['web', 'whatsapp', 'phone'] as const;

export type Channel = (typeof CHANNELS)[number];
