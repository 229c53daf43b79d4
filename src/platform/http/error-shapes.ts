import { Injectable } from '@nestjs/common';
import type { Language } from './language.js';

/** The answer to an error on a route that follows another standard than RFC 9457. */
export interface ShapedError {
  status: number;
  body: Record<string, unknown>;
}

/** Turns any error of a route into this answer. */
export type ErrorShape = (error: unknown, language: Language) => ShapedError;

/**
 * Routes whose errors are not problem documents. Modules above register them, so that the one filter knows
 * only its own standard.
 */
@Injectable()
export class ErrorShapes {
  private readonly shapes = new Map<string, ErrorShape>();

  /** @param route template, with the prefix */
  register(route: string, shape: ErrorShape): void {
    this.shapes.set(route, shape);
  }

  of(route: string | undefined): ErrorShape | undefined {
    return route === undefined ? undefined : this.shapes.get(route);
  }
}
