import { Module } from '@nestjs/common';
import { CatalogsModule } from '../../foundations/catalogs/catalogs.module.js';
import { CasesModule } from '../../work/cases/cases.module.js';
import { IntakeModule } from '../../work/intake/intake.module.js';
import { Channel } from './channel.js';
import { Forget } from './forget.js';
import { OpenHandovers } from './handover/open-handovers.js';
import { SendReceipts } from './handover/send-receipts.js';
import { Pace } from './pace.js';
import { Outbox } from './sending/outbox.js';
import { SendMessages } from './sending/send-messages.js';
import { Events } from './talk/events.js';
import { Handovers } from './talk/handovers.js';
import { Passing } from './talk/passing.js';
import { Sessions } from './talk/sessions.js';
import { Talk } from './talk/talk.js';
import { Allowance } from './webhook/allowance.js';
import { Inbox } from './webhook/inbox.js';
import { SplitInbox } from './webhook/split-inbox.js';
import { WebhookBody } from './webhook/webhook-body.js';
import { WebhookController } from './webhook/webhook.controller.js';
import { WhatsAppKeys } from './whatsapp-keys.js';

/**
 * The WhatsApp channel, in the order of a message's way: stored (`webhook/`), taken apart, answered (`talk/`, with the
 * pure `conversation/`), handed over as a report (`handover/`), and what the bot says sent (`sending/`).
 */
@Module({
  imports: [CatalogsModule, CasesModule, IntakeModule],
  controllers: [WebhookController],
  providers: [
    Channel,
    Pace,
    WhatsAppKeys,
    WebhookBody,
    Inbox,
    Allowance,
    SplitInbox,
    Events,
    Sessions,
    Passing,
    Talk,
    Handovers,
    OpenHandovers,
    SendReceipts,
    Outbox,
    SendMessages,
    Forget,
  ],
})
export class WhatsAppModule {}
