import { Module } from '@nestjs/common';
import { CatalogsModule } from '../../foundations/catalogs/catalogs.module.js';
import { FiguresController } from './figures/figures.controller.js';
import { FiguresReader } from './figures/figures.reader.js';
import { PublishedController } from './published/published.controller.js';
import { PublishedReader } from './published/published.reader.js';
import { ReleaseMemory } from './published/release-memory.js';
import { StatDomains } from './releases/domains.service.js';
import { ReleasesController } from './releases/releases.controller.js';
import { Releases } from './releases/releases.service.js';

/**
 * Statistics. `figures/` counts exactly, for staff. `releases/` freezes closed periods with noise.
 * `published/` reads what was frozen, for everybody. Nothing in `published/` may see a case.
 */
@Module({
  imports: [CatalogsModule],
  controllers: [FiguresController, ReleasesController, PublishedController],
  providers: [FiguresReader, StatDomains, Releases, ReleaseMemory, PublishedReader],
  exports: [Releases, StatDomains],
})
export class TransparencyModule {}
