/**
 * What a conversion starts with. `office` ends in the way of `pdf`. `mark` takes a picture that is safe
 * already and writes words below it; the words come in front of it.
 */
export type Way = 'image' | 'heic' | 'pdf' | 'media' | 'office' | 'mark';

/** Names of the programs that ways need. `sharp` is a library and always there. */
export type ToolName = 'ffmpeg' | 'ffprobe' | 'pdftoppm' | 'pdfinfo' | 'soffice' | 'heif-convert';

/** What the service tells the child, as JSON in its only argument. */
export interface Job {
  way: Way;
  /** The media type that `typeOf` found. It decides which reader of a tool may open the file. */
  type: string;
  extension: string;
  /** Where the child may make files. */
  scratch: string;
  /** Paths of the programs that the way needs. */
  tools: Partial<Record<ToolName, string>>;
}

export type Reason = 'too-large' | 'damaged' | 'encrypted' | 'no-converter' | 'time' | 'memory';

/** The first line that the child writes, before it reads. */
export const READY = 'ready\n';

/** The second line. The thumbnail and then the file follow, as long as told here. */
export interface Converted {
  outcome: 'converted';
  type: string;
  extension: string;
  tool: string;
  /** Bytes. */
  length: number;
  /** Bytes; 0 when there is none. */
  thumbnail: number;
  pages?: number;
  seconds?: number;
  /** Only a part of a broken image could be shown. */
  partial?: boolean;
}

export type Answer =
  | Converted
  /** `killed`: a tool was ended from outside. */
  | { outcome: 'cannot'; reason: Reason | 'killed' }
  | { outcome: 'tool-missing'; tool: string };

/** The conversion ends without a result. */
export class Failure extends Error {
  constructor(
    readonly reason: Reason | 'killed',
    detail?: string,
  ) {
    super(detail ?? reason);
  }
}

/** A program that the way needs is not there, or cannot be used in this cage. */
export class ToolMissing extends Error {
  constructor(readonly tool: string) {
    super(tool);
  }
}
