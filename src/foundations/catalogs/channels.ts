/** How a report comes in: the public web or an agency's form, WhatsApp, a call taken by an operator. */
export const CHANNELS = ['web', 'whatsapp', 'phone'] as const;

export type Channel = (typeof CHANNELS)[number];
