import { Module, type DynamicModule } from '@nestjs/common';
import { CatalogsModule } from '../../foundations/catalogs/catalogs.module.js';
import { CasesModule } from '../../work/cases/cases.module.js';
import { EvidenceModule } from '../../work/evidence/evidence.module.js';
import { IntakeModule } from '../../work/intake/intake.module.js';
import { NotificationsModule } from '../../work/notifications/notifications.module.js';
import { Channel } from './channel.js';
import { EnterFiles } from './files/enter-files.js';
import { FetchFiles } from './files/fetch-files.js';
import { Files } from './files/files.js';
import { Forget } from './forget.js';
import { Allowance } from './gateway/allowance.js';
import { CountDelivered } from './gateway/count-delivered.js';
import { Inbox } from './gateway/inbox.js';
import { Lanes } from './gateway/lanes.js';
import { MenuCounts } from './menus/menu-counts.js';
import { MenuFiguresController } from './menus/menu-figures.controller.js';
import { MenuFiguresReader } from './menus/menu-figures.reader.js';
import { MenusController } from './menus/menus.controller.js';
import { MenusReader } from './menus/menus.reader.js';
import { MenusService } from './menus/menus.service.js';
import { Outbox } from './gateway/outbox.js';
import { Pace } from './gateway/pace.js';
import { Seen } from './gateway/seen.js';
import { SendMessages } from './gateway/send-messages.js';
import { SplitInbox } from './gateway/split-inbox.js';
import { WebhookBody } from './gateway/webhook-body.js';
import { WebhookController } from './gateway/webhook.controller.js';
import { SealedCredentials } from './numbers/credentials.js';
import { Deliveries } from './numbers/deliveries.js';
import { NumberNews } from './numbers/number-news.js';
import { NumbersController } from './numbers/numbers.controller.js';
import { Numbers } from './numbers/numbers.js';
import { NumbersService } from './numbers/numbers.service.js';
import { StateRecord } from './numbers/state-record.js';
import { WatchNumbers } from './numbers/watch-numbers.js';
import { Passing } from './sessions/passing.js';
import { Remind } from './remind.js';
import { Sessions } from './sessions/sessions.js';
import { OpenSubmissions } from './submission/open-submissions.js';
import { SendReceipts } from './submission/send-receipts.js';
import { Submissions } from './submission/submissions.js';
import { Talk } from './talk.js';
import { WhatsAppKeys } from './whatsapp-keys.js';
import { WHATSAPP_CONFIG, type WhatsAppConfig } from './whatsapp.config.js';

/**
 * The WhatsApp channel, in the order in which a message passes it. `gateway/` knows Meta: it stores
 * deliveries, splits them into messages without provider details, and sends the answers. `numbers/` keeps the
 * numbers of institutions, and knows them for all of this. `talk.ts` answers one message. It uses
 * `sessions/`, which remembers the person, and `bot/`, which is pure. `files/` fetches what people send.
 * `submission/` brings a confirmed report to its case and returns the receipt.
 */
@Module({
  imports: [CatalogsModule, CasesModule, EvidenceModule, IntakeModule, NotificationsModule],
  controllers: [WebhookController, NumbersController, MenusController, MenuFiguresController],
  providers: [
    Channel,
    SealedCredentials,
    Numbers,
    NumbersService,
    StateRecord,
    NumberNews,
    Deliveries,
    WatchNumbers,
    Pace,
    WhatsAppKeys,
    WebhookBody,
    Inbox,
    Allowance,
    Seen,
    CountDelivered,
    SplitInbox,
    Lanes,
    Sessions,
    Passing,
    Files,
    FetchFiles,
    EnterFiles,
    Talk,
    Remind,
    Submissions,
    OpenSubmissions,
    SendReceipts,
    Outbox,
    SendMessages,
    Forget,
    MenusReader,
    MenusService,
    MenuCounts,
    MenuFiguresReader,
  ],
})
export class WhatsAppModule {
  static of(config: WhatsAppConfig): DynamicModule {
    return { module: WhatsAppModule, providers: [{ provide: WHATSAPP_CONFIG, useValue: config }] };
  }
}
