import { Module } from '@nestjs/common';
import { CatalogsModule } from '../../foundations/catalogs/catalogs.module.js';
import { IdentityModule } from '../../foundations/identity/identity.module.js';
import { CasesModule } from '../../work/cases/cases.module.js';
import { EvidenceModule } from '../../work/evidence/evidence.module.js';
import { IntakeModule } from '../../work/intake/intake.module.js';
import { TrackingModule } from '../tracking/tracking.module.js';
import { IvrReports } from './ivr-reports.js';
import { IvrSessions } from './ivr-sessions.js';
import { IvrTokens } from './ivr-tokens.js';
import { IvrMenuController } from './menu.controller.js';
import { IvrRecordingsController } from './recordings.controller.js';
import { IvrSessionsController } from './sessions.controller.js';

/** Voice menus of call-centre systems: reports and follow-up with the keys of a telephone and the voice. */
@Module({
  imports: [CatalogsModule, CasesModule, EvidenceModule, IdentityModule, IntakeModule, TrackingModule],
  controllers: [IvrMenuController, IvrSessionsController, IvrRecordingsController],
  providers: [IvrTokens, IvrSessions, IvrReports],
})
export class IvrModule {}
