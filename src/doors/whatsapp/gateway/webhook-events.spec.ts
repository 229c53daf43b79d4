import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { MessageContent } from '../bot/messages.js';
import { senderKeys } from './sender.js';
import { dedupSource, parseWebhook, type MessageEvent, type WebhookEvent } from './webhook-events.js';

const root = new URL('../../../../test/fixtures/whatsapp/', import.meta.url);
const load = (path: string): unknown => JSON.parse(readFileSync(new URL(path, root), 'utf8'));

/** In one word what an event is. */
function describeEvent(event: WebhookEvent): string {
  if (event.kind === 'message') return `message:${describeContent(event.content)}`;
  if (event.kind === 'status') return `status:${event.status}`;
  return event.kind === 'unknown' ? `unknown:${event.what}` : event.kind;
}

function describeContent(content: MessageContent): string {
  if (content.type === 'media') return content.media;
  if (content.type === 'edit') return `edit:${describeContent(content.content)}`;
  return content.type;
}

/** What each fixture gives. A file that is missing here fails the test below. */
const EXPECTED: Record<string, string[]> = {
  'composed-mx/batch_three_images_out_of_order.json': ['message:image', 'message:image', 'message:image'],
  'composed-mx/batch_two_entries_status_read_before_delivered.json': [
    'message:text',
    'status:read',
    'status:delivered',
  ],
  'composed-mx/text_521.json': ['message:text'],
  'composed-mx/text_52_same_person.json': ['message:text'],
  'docs-shapes-2026/account_update_volume_tier.json': ['unknown:field'],
  'docs-shapes-2026/bsuid_contacts_shared_vcard.json': ['message:contacts'],
  'docs-shapes-2026/bsuid_status_delivered_no_phone.json': ['status:delivered'],
  'docs-shapes-2026/bsuid_status_delivered_phone.json': ['status:delivered'],
  'docs-shapes-2026/bsuid_system_user_changed_user_id.json': ['alias_move'],
  'docs-shapes-2026/bsuid_text_no_phone.json': ['message:text'],
  'docs-shapes-2026/bsuid_text_phone_and_username.json': ['message:text'],
  'docs-shapes-2026/bsuid_user_id_update.json': ['alias_move'],
  'docs-shapes-2026/edit_image_caption.json': ['message:edit:image'],
  'docs-shapes-2026/image.json': ['message:image'],
  'docs-shapes-2026/interactive_button_reply.json': ['message:choice'],
  'docs-shapes-2026/interactive_list_reply.json': ['message:choice'],
  'docs-shapes-2026/interactive_nfm_reply_flow.json': ['message:unknown'],
  'docs-shapes-2026/revoke.json': ['message:revoke'],
  'docs-shapes-2026/status_delivered_cbp.json': ['status:delivered'],
  'docs-shapes-2026/status_failed.json': ['status:failed'],
  'docs-shapes-2026/status_sent_pmp.json': ['status:sent'],
  'docs-shapes-2026/status_sent_v24.json': ['status:sent'],
  'docs-shapes-2026/system_user_changed_number.json': ['alias_move'],
  'docs-shapes-2026/text.json': ['message:text'],
  'docs-shapes-2026/text_ctwa_referral.json': ['message:text'],
  'docs-shapes-2026/unsupported.json': ['message:unsupported'],
  'docs-shapes-2026/value_errors_130429.json': ['account_error'],
  'meta-openapi-v23-webhooks/button_message.json': ['message:choice'],
  'meta-openapi-v23-webhooks/contact_sharing_message.json': ['message:contacts'],
  'meta-openapi-v23-webhooks/group_create_message.json': ['unknown:field'],
  'meta-openapi-v23-webhooks/group_remove_participants.json': ['unknown:field'],
  'meta-openapi-v23-webhooks/group_settings_update.json': ['unknown:field'],
  'meta-openapi-v23-webhooks/image_message.json': ['message:image'],
  'meta-openapi-v23-webhooks/interactive_button_reply_message.json': ['message:choice'],
  'meta-openapi-v23-webhooks/interactive_list_reply_message.json': ['message:choice'],
  'meta-openapi-v23-webhooks/location_message.json': ['message:location'],
  'meta-openapi-v23-webhooks/order_message.json': ['message:unknown'],
  'meta-openapi-v23-webhooks/reaction_message.json': ['message:reaction'],
  'meta-openapi-v23-webhooks/system_message.json': ['alias_move'],
  'meta-openapi-v23-webhooks/text_message.json': ['message:text'],
  'meta-openapi-v23-webhooks/text_message_from_click_to_whatsapp_ad.json': ['message:text'],
  'meta-openapi-v23-webhooks/text_message_with_context_product_inquiry.json': ['message:text'],
  'meta-openapi-v23-webhooks/unsupported_message.json': ['message:unsupported'],
  'meta-postman-webhooks/message_status_update_notifications.json': ['status:sent'],
  'meta-postman-webhooks/received_callback_from_a_quick_reply_button_click.json': ['message:choice'],
  'meta-postman-webhooks/received_order_messages.json': ['message:unknown'],
  'meta-postman-webhooks/received_text_message.json': ['message:text'],
  'meta-postman-webhooks/received_unknown_messages.json': ['message:unknown'],
  'meta-postman-webhooks/status_transaction_status_order_details_message.json': ['status:other'],
  // Their sender is a placeholder such as <WA_ID>: nobody who could be answered.
  'meta-postman-webhooks/received_contact_messages.json': ['unknown:message'],
  'meta-postman-webhooks/received_media_message_with_image.json': ['unknown:message'],
  'meta-postman-webhooks/received_media_message_with_sticker.json': ['unknown:message'],
  'meta-postman-webhooks/received_message_triggered_by_click_to_whatsapp_ads.json': ['unknown:message'],
  'meta-postman-webhooks/received_message_with_reaction.json': ['unknown:message'],
  'meta-postman-webhooks/received_product_enquiry_message.json': ['unknown:message'],
  'meta-postman-webhooks/received_static_location_messages.json': ['unknown:message'],
  'meta-postman-webhooks/received_text_message_with_show_security_notifications.json': ['unknown:message'],
  'signed/text_521.raw.json': ['message:text'],
};

const folders = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory());
const files = folders
  .flatMap(({ name }) => readdirSync(new URL(`${name}/`, root)).map((file) => `${name}/${file}`))
  .filter((file) => file.endsWith('.json') && !file.endsWith('.headers.json'))
  .sort();

/** One message of one person in Meta's envelope. */
function inbound(message: Record<string, unknown>, contacts: unknown[] = []): unknown {
  const value = { metadata: { phone_number_id: '100' }, contacts, messages: [{ id: 'wamid.A', ...message }] };
  return {
    object: 'whatsapp_business_account',
    entry: [{ id: '200', changes: [{ field: 'messages', value }] }],
  };
}

function only(body: unknown): MessageEvent {
  const [event, ...more] = parseWebhook(body);
  expect(more).toEqual([]);
  if (event?.kind !== 'message') throw new Error(`no message but ${JSON.stringify(event)}`);
  return event;
}

describe('webhook fixtures', () => {
  it('are all in the table', () => {
    expect(files).toEqual(Object.keys(EXPECTED).sort());
  });

  it.each(files)('%s gives its typed events', (file) => {
    expect(parseWebhook(load(file)).map(describeEvent)).toEqual(EXPECTED[file]);
  });

  it.each(['text_521.json', 'text_52_same_person.json'])('%s belongs to the same person', (file) => {
    const { sender } = only(load(`composed-mx/${file}`));
    expect(senderKeys(sender)).toEqual(['wa|MX.13491208655302741918', 'wa|525512345678']);
  });

  it('a number that changed moves from the old identifiers to the new ones', () => {
    expect(parseWebhook(load('docs-shapes-2026/bsuid_system_user_changed_user_id.json'))).toMatchObject([
      {
        from: { phone: '12025550123' },
        to: { phone: '12025550187', bsuid: 'US.70000000000000000187', parent: 'US.ENT.70000000000000000987' },
      },
    ]);
    expect(parseWebhook(load('docs-shapes-2026/bsuid_user_id_update.json'))).toMatchObject([
      {
        from: { bsuid: 'US.70000000000000000123' },
        to: { bsuid: 'US.70000000000000000187', phone: '12025550123' },
      },
    ]);
  });

  it('a person without a phone is answered at the business-scoped id', () => {
    const event = only(load('docs-shapes-2026/bsuid_text_no_phone.json'));
    expect(event.sender).toEqual({ bsuid: 'US.70000000000000000123' });
    expect(event.replyTo).toEqual({ recipient: 'US.70000000000000000123' });
  });

  it('no event carries a profile name, a contact card or the prose of a system message', () => {
    for (const file of files) {
      const text = JSON.stringify(parseWebhook(load(file)));
      expect(text).not.toMatch(/Persona Ejemplo|Sheena|Peña|Pablo|Kerry|0144|9835552319|BEGIN:VCARD/);
    }
  });
});

describe('parser of webhooks', () => {
  it('takes any JSON without throwing and never gives nothing', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(parseWebhook(value).length).toBeGreaterThan(0);
      }),
    );
  });

  it('takes any JSON in the place of any part without throwing', () => {
    const json = fc.jsonValue();
    const message = fc.record(
      {
        id: json,
        from: fc.oneof(json, fc.constant('5215512345678')),
        timestamp: json,
        type: fc.oneof(
          json,
          fc.constantFrom('text', 'image', 'location', 'interactive', 'edit', 'revoke', 'system'),
        ),
        text: json,
        location: json,
        interactive: json,
        edit: json,
        errors: json,
        group_id: json,
      },
      { requiredKeys: [] },
    );
    const value = fc.record(
      {
        metadata: json,
        contacts: json,
        messages: fc.oneof(json, fc.array(message)),
        statuses: fc.oneof(json, fc.array(json)),
        errors: json,
      },
      { requiredKeys: [] },
    );
    const change = fc.oneof(
      json,
      fc.record({ field: fc.constantFrom('messages', 'user_id_update', 'other'), value }),
    );
    const body = fc.record({
      object: fc.constant('whatsapp_business_account'),
      entry: fc.oneof(
        json,
        fc.array(fc.oneof(json, fc.record({ changes: fc.oneof(json, fc.array(change)) }))),
      ),
    });
    fc.assert(
      fc.property(body, (any) => {
        for (const event of parseWebhook(any)) dedupSource(event);
      }),
    );
  });

  it('leaves no U+0000 and no half of an emoji in any text', () => {
    const { content } = only(
      inbound({ from: '525512345678', type: 'text', text: { body: 'a\u0000b\ud83d c😡' } }),
    );
    expect(content).toEqual({ type: 'text', text: 'a\ufffdb\ufffd c😡' });
  });

  it.each([
    ['seconds', '1760000000', '2025-10-09T08:53:20.000Z'],
    ['milliseconds', '1760000000123', '2025-10-09T08:53:20.123Z'],
    ['a number', 1760000000, '2025-10-09T08:53:20.000Z'],
  ])('reads a time in %s', (_what, timestamp, instant) => {
    const event = only(inbound({ from: '525512345678', timestamp, type: 'reaction', reaction: {} }));
    expect(event.timestamp?.toISOString()).toBe(instant);
  });

  it.each(['<TIMESTAMP>', '', null, '-5', '9'.repeat(30)])('drops the impossible time %j', (timestamp) => {
    expect(only(inbound({ from: '525512345678', timestamp, type: 'reaction' })).timestamp).toBeUndefined();
  });

  it('recognises a business-scoped id inside from', () => {
    expect(only(inbound({ from: 'MX.134', type: 'reaction' })).sender).toEqual({ bsuid: 'MX.134' });
  });

  it('completes a sender from contacts only when it is the same person', () => {
    const contacts = [
      { wa_id: '525599999999', user_id: 'MX.OTHER' },
      { wa_id: '525512345678', user_id: 'MX.134' },
    ];
    expect(only(inbound({ from: '5215512345678', type: 'reaction' }, contacts)).sender).toEqual({
      phone: '5215512345678',
      bsuid: 'MX.134',
    });
    expect(only(inbound({ from: '525511111111', type: 'reaction' }, contacts)).sender).toEqual({
      phone: '525511111111',
    });
    expect(parseWebhook(inbound({ type: 'reaction' }, contacts))).toMatchObject([
      { kind: 'unknown', what: 'message' },
    ]);
    expect(only(inbound({ type: 'reaction' }, [{ user_id: 'MX.134' }])).sender).toEqual({ bsuid: 'MX.134' });
  });

  it('takes nothing that is said in a group', () => {
    const message = { from: '525512345678', group_id: 'G', type: 'text', text: { body: 'hola' } };
    expect(only(inbound(message)).content).toEqual({ type: 'group' });
  });

  it('reads an edit as the message it holds, and no edit of an edit', () => {
    const edit = (inner: unknown): MessageContent =>
      only(
        inbound({
          from: '525512345678',
          type: 'edit',
          edit: { original_message_id: 'wamid.O', message: inner },
        }),
      ).content;
    expect(edit({ type: 'text', text: { body: 'corregido' } })).toEqual({
      type: 'edit',
      originalMessageId: 'wamid.O',
      content: { type: 'text', text: 'corregido' },
    });
    expect(edit({ type: 'edit', edit: {} })).toMatchObject({ content: { type: 'unknown', name: 'edit' } });
  });

  it('takes an interactive message without its object, and one with errors, as unsupported', () => {
    const message = { from: '525512345678', type: 'interactive', errors: [{ code: 131060 }] };
    expect(only(inbound(message)).content).toEqual({ type: 'unsupported', code: 131060 });
  });

  it('tells a voice note from another audio', () => {
    const audio = (voice: boolean): MessageContent =>
      only(inbound({ from: '525512345678', type: 'audio', audio: { id: '1', voice } })).content;
    expect(audio(true)).toEqual({ type: 'media', media: 'voice', reference: { id: '1' } });
    expect(audio(false)).toEqual({ type: 'media', media: 'audio', reference: { id: '1' } });
  });

  it('refuses a place that is not on Earth', () => {
    const location = { latitude: 91, longitude: 0 };
    expect(only(inbound({ from: '525512345678', type: 'location', location })).content.type).toBe('unknown');
  });

  it('gives a status our own reference and the code of its error', () => {
    const value = {
      metadata: { phone_number_id: '100' },
      statuses: [
        { id: 'wamid.X', status: 'failed', biz_opaque_callback_data: 'outbox-1', errors: [{ code: 131047 }] },
        { id: 'wamid.X', status: 'failed', type: 'payment' },
      ],
    };
    const entry = [{ changes: [{ field: 'messages', value }] }];
    expect(parseWebhook({ object: 'whatsapp_business_account', entry })).toEqual([
      {
        kind: 'status',
        phoneNumberId: '100',
        messageId: 'wamid.X',
        status: 'failed',
        opaque: 'outbox-1',
        errorCode: 131047,
      },
      { kind: 'status', phoneNumberId: '100', messageId: 'wamid.X', status: 'other' },
    ]);
  });

  it('knows a repeated event by its source, and a read from a delivered of the same message', () => {
    const file = 'composed-mx/batch_two_entries_status_read_before_delivered.json';
    const sources = parseWebhook(load(file)).map(dedupSource);
    expect(new Set(sources).size).toBe(3);
    expect(parseWebhook(load(file)).map(dedupSource)).toEqual(sources);
  });
});
