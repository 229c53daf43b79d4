import { Module } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { CatalogsModule } from '../catalogs/catalogs.module.js';
import { AccountActs } from './accounts/account-acts.js';
import { AccountSteps } from './accounts/account.steps.js';
import { AccountsController } from './accounts/accounts.controller.js';
import { AccountsReader } from './accounts/accounts.reader.js';
import { AccountsService } from './accounts/accounts.service.js';
import { AdminReads } from './admin-reads.js';
import { ApprovalRow } from './approvals/approval.entity.js';
import { ApprovalsController } from './approvals/approvals.controller.js';
import { ApprovalsReader } from './approvals/approvals.reader.js';
import { Approvals } from './approvals/approvals.service.js';
import { ChannelCredentials } from './channels/channel-credentials.js';
import { ChannelKeysService } from './channels/channel-keys.service.js';
import { ChannelSeal } from './channels/channel-seal.js';
import { ChannelsController } from './channels/channels.controller.js';
import { Denials } from './denials.js';
import {
  AccountAreaRow,
  AccountRow,
  AuditOmissionRow,
  ChannelKeyRow,
  StaffSessionRow,
} from './identity.entities.js';
import { OwnPasswordService } from './passwords/own-password.service.js';
import { AuthController } from './sessions/auth.controller.js';
import { SessionSweep } from './sessions/session-sweep.js';
import { SessionsService } from './sessions/sessions.service.js';
import { SignInLimits } from './sessions/sign-in-limits.js';
import { StaffCredentials } from './sessions/staff-credentials.js';
import { TokenController } from './sessions/token.controller.js';

export const IDENTITY_ENTITIES = [
  AccountRow,
  AccountAreaRow,
  AuditOmissionRow,
  StaffSessionRow,
  ChannelKeyRow,
  ApprovalRow,
];

const IDENTITY_PROVIDERS = [
  SignInLimits,
  SessionsService,
  StaffCredentials,
  SessionSweep,
  OwnPasswordService,
  AccountSteps,
  AccountActs,
  Approvals,
  ApprovalsReader,
  AccountsReader,
  AccountsService,
  ChannelKeysService,
  ChannelCredentials,
  ChannelSeal,
  Denials,
];

const IDENTITY_CONTROLLERS = [
  AuthController,
  TokenController,
  AccountsController,
  ApprovalsController,
  ChannelsController,
];

/**
 * Accounts, sessions and channel keys. What this module needs of platform and audit comes from their global
 * modules.
 */
@Module({
  imports: [CatalogsModule],
  providers: [...IDENTITY_PROVIDERS, { provide: APP_INTERCEPTOR, useClass: AdminReads }],
  controllers: IDENTITY_CONTROLLERS,
  exports: IDENTITY_PROVIDERS,
})
export class IdentityModule {}
