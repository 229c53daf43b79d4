import { Module } from '@nestjs/common';
import { CatalogsModule } from '../../foundations/catalogs/catalogs.module.js';
import { IdentityModule } from '../../foundations/identity/identity.module.js';
import { CasesModule } from '../../work/cases/cases.module.js';
import { EvidenceModule } from '../../work/evidence/evidence.module.js';
import { ExternalReferenceController } from './external-reference.controller.js';
import { ExchangeAccessCode } from './exchange.js';
import { RepeatableExchange } from './repeatable-exchange.js';
import { TrackingTokens } from './tracking-tokens.js';
import { TrackingController } from './tracking.controller.js';
import { TrackingService } from './tracking.service.js';
import { UploadsController } from './uploads.controller.js';

@Module({
  imports: [CasesModule, CatalogsModule, EvidenceModule, IdentityModule],
  controllers: [TrackingController, UploadsController, ExternalReferenceController],
  providers: [TrackingTokens, TrackingService, ExchangeAccessCode, RepeatableExchange],
  exports: [TrackingTokens, TrackingService, ExchangeAccessCode, RepeatableExchange],
})
export class TrackingModule {}
