import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Actor } from '../actor.js';
import type { PoolName } from '../database/database.js';
import { DomainError, type Text } from '../errors.js';
import { ACCESS, DURING_PASSWORD_CHANGE, type Access, type ActorRequest } from './access.js';
import { unauthenticated } from './credentials-refused.js';
import { nameOfPermission } from './names.js';

/** The actor of a credential. */
export interface Resolved {
  actor: Actor;
  mustChangePassword?: boolean;
}

/**
 * Turns one kind of credential into an actor. null = the credential is of another kind. A throw = it is of
 * this kind, and wrong.
 */
export interface CredentialResolver {
  /** @param pool connections for the lookup */
  resolve(credential: { bearer?: string; apiKey?: string }, pool: PoolName): Promise<Resolved | null>;
}

/**
 * Holds the resolvers of credentials. Modules above register them here, so that the one guard knows nothing
 * of the domain.
 */
@Injectable()
export class Credentials {
  private readonly resolvers: CredentialResolver[] = [];

  register(resolver: CredentialResolver): void {
    this.resolvers.push(resolver);
  }

  async resolve(request: ActorRequest, pool: PoolName): Promise<Resolved | null> {
    const header = request.headers.authorization;
    const key = request.headers['x-api-key'];
    if (header === undefined && key === undefined) return null;
    const bearer = /^Bearer ([\w.~+/=-]{10,4096})$/i.exec(header ?? '')?.[1];
    const apiKey = typeof key === 'string' ? key : undefined;
    if ((header === undefined || bearer !== undefined) && !(header !== undefined && key !== undefined)) {
      for (const resolver of this.resolvers) {
        const found = await resolver.resolve({ bearer, apiKey }, pool);
        if (found) return found;
      }
    }
    // No resolver took the credential. A key is then a wrong key. Of a token it is unknown what kind it
    // should be.
    throw unauthenticated(header === undefined ? 'key' : 'unreadable');
  }
}

/**
 * @param permission the missing permission; absent: the credential is of another kind than the route wants
 * @param more what the account may do without it
 */
export function forbidden(permission?: string, more?: Text): DomainError {
  if (permission === undefined) {
    return new DomainError('FORBIDDEN', 403, {
      es: 'Esta credencial no sirve para esto. Entra con la que pide esta ruta.',
      en: 'This credential does not serve here. Use the one that this route asks for.',
    });
  }
  const name = nameOfPermission(permission);
  const extra = { permission, ...(name ? { permissionLabel: name } : {}) };
  if (permission.startsWith(OF_KEYS)) {
    const detail = {
      es: `Esta clave de canal no tiene el permiso ${name ? `«${name.es}» (${permission})` : permission}. Pide una de otro canal a quien administra tu institución.`,
      en: `This channel key lacks the permission ${name ? `"${name.en}" (${permission})` : permission}. Ask the administrator of your institution for a key of another channel.`,
    };
    return new DomainError('FORBIDDEN', 403, detail, extra, permission);
  }
  const detail = {
    es: `Tu cuenta no tiene el permiso ${name ? `«${name.es}» (${permission})` : permission}. ${more ? `${more.es} ` : ''}Si lo necesitas, pídelo a quien administra las cuentas.`,
    en: `Your account lacks the permission ${name ? `"${name.en}" (${permission})` : permission}. ${more ? `${more.en} ` : ''}If you need it, ask your administrator.`,
  };
  return new DomainError('FORBIDDEN', 403, detail, extra, permission);
}

/** With this begins the name of each permission of a channel key. */
const OF_KEYS = 'channel.';

/** What a request without a credential is told, by the access of its route. */
const WANTED = {
  permission: 'staff',
  'signed-in': 'staff',
  reporter: 'reporter',
  channel: 'channelOnly',
} as const;

/**
 * Checks the access of every request. Denies by default: a route without an access decorator answers 403 to
 * every caller.
 */
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

    // The public route that checks credentials is intake. Many requests to other routes must not hold it up.
    const intake = access.kind === 'public' || (access.kind === 'channel' && access.files);
    const found = await this.credentials.resolve(request, intake ? 'intake' : 'general');
    if (!found) {
      if (access.kind === 'public') return true;
      throw unauthenticated(WANTED[access.kind]);
    }
    const { actor } = found;
    request.actor = actor;
    if (
      found.mustChangePassword &&
      !this.reflector.getAllAndOverride<boolean>(DURING_PASSWORD_CHANGE, targets)
    ) {
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
        if (actor.kind !== 'reporter')
          throw unauthenticated(actor.kind === 'channel' ? 'keyElsewhere' : 'reporter');
        return;
      case 'channel':
        if (actor.kind !== 'channel') throw unauthenticated('channelOnly');
        if (!actor.permissions.has(access.permission)) throw forbidden(access.permission);
        return;
      case 'signed-in':
        if (actor.kind !== 'staff')
          throw unauthenticated(actor.kind === 'channel' ? 'keyElsewhere' : 'staff');
        return;
      case 'permission':
        if (actor.kind !== 'staff')
          throw unauthenticated(actor.kind === 'channel' ? 'keyElsewhere' : 'staff');
        if (!actor.permissions.has(access.permission)) throw forbidden(access.permission);
    }
  }
}
