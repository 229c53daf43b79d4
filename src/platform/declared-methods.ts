import type { DiscoveryService } from '@nestjs/core';

/** A method of a provider, with the note that a decorator put on it. */
export interface DeclaredMethod<Noted> {
  noted: Noted;
  call(...parameters: unknown[]): unknown;
}

type Method = (...parameters: unknown[]) => unknown;

/** Puts a note on a method. `declaredMethods` finds the note. A method may have several notes. */
export function noteOn(key: symbol, method: object, noted: unknown): void {
  Reflect.defineMetadata(key, [noted, ...notesOf(key, method)], method);
}

/**
 * Returns the methods with such a note, of all classes that Nest made. They come in the order in which the
 * modules name the classes.
 */
export function declaredMethods<Noted>(discovery: DiscoveryService, key: symbol): DeclaredMethod<Noted>[] {
  return [...discovery.getProviders(), ...discovery.getControllers()].flatMap(({ instance, metatype }) => {
    if (!instance || !metatype) return [];
    const methods = Object.getOwnPropertyDescriptors(Object.getPrototypeOf(instance));
    return Object.values(methods).flatMap(({ value }) => {
      if (typeof value !== 'function') return [];
      const method = value as Method;
      return notesOf<Noted>(key, method).map((noted) => ({
        noted,
        call: (...parameters) => method.apply(instance, parameters),
      }));
    });
  });
}

function notesOf<Noted>(key: symbol, method: object): Noted[] {
  return (Reflect.getOwnMetadata(key, method) as Noted[] | undefined) ?? [];
}
