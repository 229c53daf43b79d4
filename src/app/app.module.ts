import { Module, type DynamicModule } from '@nestjs/common';
import { IvrModule } from '../doors/ivr/ivr.module.js';
import { PhoneModule } from '../doors/phone/phone.module.js';
import { ReportsModule } from '../doors/reports/reports.module.js';
import { TrackingModule } from '../doors/tracking/tracking.module.js';
import { WhatsAppModule } from '../doors/whatsapp/whatsapp.module.js';
import { AuditModule } from '../foundations/audit/audit.module.js';
import { CatalogsModule } from '../foundations/catalogs/catalogs.module.js';
import { IdentityModule } from '../foundations/identity/identity.module.js';
import { SlaModule } from '../foundations/sla/sla.module.js';
import { OversightModule } from '../insight/oversight/oversight.module.js';
import { TransparencyModule } from '../insight/transparency/transparency.module.js';
import { HttpModule } from '../platform/http/http.module.js';
import { PlatformModule, type PlatformParts } from '../platform/platform.module.js';
import { CasesModule } from '../work/cases/cases.module.js';
import { EvidenceModule } from '../work/evidence/evidence.module.js';
import { IntakeModule } from '../work/intake/intake.module.js';
import { NotificationsModule } from '../work/notifications/notifications.module.js';
import { TriageModule } from '../work/triage/triage.module.js';
import type { AppConfig } from './config.js';
import { HealthController } from './health.controller.js';
import { nameThings } from './names.js';
import { StartController } from './start.controller.js';

/** The parts of the program that no module makes: the platform's parts, with the whole configuration. */
export interface AppParts extends PlatformParts {
  config: AppConfig;
}

/** The only list of modules. */
@Module({})
export class AppModule {
  static of(parts: AppParts): DynamicModule {
    nameThings();
    return {
      module: AppModule,
      imports: [
        PlatformModule.of(parts),
        HttpModule,
        AuditModule,
        CatalogsModule,
        IdentityModule,
        SlaModule,
        CasesModule,
        TriageModule,
        NotificationsModule,
        EvidenceModule,
        TransparencyModule,
        OversightModule,
        TrackingModule,
        IntakeModule,
        ReportsModule,
        PhoneModule,
        IvrModule,
        WhatsAppModule.of(parts.config.whatsapp),
      ],
      controllers: [HealthController, StartController],
    };
  }
}
