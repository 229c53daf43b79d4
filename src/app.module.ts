import { Module, type DynamicModule } from '@nestjs/common';
import { AuditModule } from './audit/audit.module.js';
import { CasesModule } from './cases/cases.module.js';
import { CatalogsModule } from './catalogs/catalogs.module.js';
import { HealthController } from './health.controller.js';
import { IdentityModule } from './identity/identity.module.js';
import { IntakeModule } from './intake/intake.module.js';
import { nameThings } from './names.js';
import { NotificationsModule } from './notifications/notifications.module.js';
import { OversightModule } from './oversight/oversight.module.js';
import { PlatformModule, type PlatformParts } from './platform/platform.module.js';
import { SlaModule } from './sla/sla.module.js';
import { StartController } from './start.controller.js';
import { TrackingModule } from './tracking/tracking.module.js';
import { TransparencyModule } from './transparency/transparency.module.js';
import { TriageModule } from './triage/triage.module.js';

/** The only list of modules. */
@Module({})
export class AppModule {
  static of(parts: PlatformParts): DynamicModule {
    nameThings();
    return {
      module: AppModule,
      imports: [
        PlatformModule.of(parts),
        AuditModule,
        CatalogsModule,
        IdentityModule,
        SlaModule,
        CasesModule,
        TriageModule,
        NotificationsModule,
        TransparencyModule,
        OversightModule,
        TrackingModule,
        IntakeModule,
      ],
      controllers: [HealthController, StartController],
    };
  }
}
