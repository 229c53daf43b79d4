import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Actor, StaffActor } from '../actor.js';
import type { Lane } from '../database/database.js';
import { DomainError } from '../errors.js';
import { ACCESS, DURING_PASSWORD_CHANGE, type Access, type ActorRequest } from './access.js';

/** What a credential turned out to be. */
export interface Resolved {
  actor: Actor;
  mustChangePassword?: boolean;
}

/** Turns one kind of credential into an actor; null = not mine, a throw = mine and wrong. */
export interface CredentialResolver {
  /** @param lane connections to look it up over */
  resolve(credential: { bearer?: string; apiKey?: string }, lane: Lane): Promise<Resolved | null>;
}

/** Modules above register their resolvers here, so that the one guard knows no domain. */
@Injectable()
export class Credentials {
  private readonly resolvers: CredentialResolver[] = [];

  register(resolver: CredentialResolver): void {
    this.resolvers.push(resolver);
  }

  async resolve(request: ActorRequest, lane: Lane): Promise<Resolved | null> {
    const header = request.headers.authorization;
    const key = request.headers['x-api-key'];
    if (header === undefined && key === undefined) return null;
    const bearer = /^Bearer ([\w.~+/=-]{10,4096})$/i.exec(header ?? '')?.[1];
    const apiKey = typeof key === 'string' ? key : undefined;
    if ((header === undefined || bearer !== undefined) && !(header !== undefined && key !== undefined)) {
      for (const resolver of this.resolvers) {
        const found = await resolver.resolve({ bearer, apiKey }, lane);
        if (found) return found;
      }
    }
    throw unauthenticated();
  }
}

export function unauthenticated(): DomainError {
  return new DomainError('UNAUTHENTICATED', 401, {
    es: 'La credencial falta, venció o no es válida. Inicia sesión de nuevo.',
    en: 'The credential is missing, expired or invalid. Sign in again.',
  });
}

/** @param permission the missing one, for the audit trail */
export function forbidden(permission?: string): DomainError {
  const detail = { es: 'Tu cuenta no tiene permiso para esto.', en: 'Your account is not allowed to do this.' };
  return new DomainError('FORBIDDEN', 403, detail, {}, permission);
}

/** Denies by default: a route without an access decorator answers 403, whoever calls. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly credentials: Credentials,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const targets = [context.getHandler(), context.getClass()];
    const access = this.reflector.getAllAndOverride<Access | undefined>(ACCESS, targets);
    if (!access) throw forbidden();
    const request = context.switchToHttp().getRequest<ActorRequest>();
    if (access.kind === 'public' && access.credentials === 'ignored') return true;

    // The public route that looks at credentials is intake: who floods the others must not hold it up.
    const found = await this.credentials.resolve(request, access.kind === 'public' ? 'intake' : 'general');
    if (!found) {
      if (access.kind === 'public') return true;
      throw unauthenticated();
    }
    const { actor } = found;
    request.actor = actor;
    if (found.mustChangePassword && !this.reflector.getAllAndOverride<boolean>(DURING_PASSWORD_CHANGE, targets)) {
      throw new DomainError('PASSWORD_CHANGE_REQUIRED', 403, {
        es: 'Cambia primero tu contraseña de un solo uso en POST /auth/password.',
        en: 'Change your one-time password first with POST /auth/password.',
      });
    }
    this.check(access, actor);
    return true;
  }

  private check(access: Access, actor: Actor): void {
    switch (access.kind) {
      case 'public':
        if (actor.kind === 'reporter') throw forbidden();
        return;
      case 'reporter':
        if (actor.kind !== 'reporter') throw unauthenticated();
        return;
      case 'signed-in':
        if (actor.kind !== 'staff') throw unauthenticated();
        return;
      case 'permission':
        if (actor.kind !== 'staff') throw unauthenticated();
        if (!actor.permissions.has(access.permission)) throw forbidden(access.permission);
    }
  }
}

/** The staff actor of a guarded route. @throws FORBIDDEN for any other kind of actor */
export function asStaff(actor: Actor): StaffActor {
  if (actor.kind !== 'staff') throw forbidden();
  return actor;
}
