import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { MenuLanguageContent } from './menu.request.js';

export class MenuVersion {
  @ApiProperty({ type: 'integer', minimum: 1, example: 3 })
  version!: number;

  @ApiProperty({ format: 'date', example: '2026-12-01' })
  validFrom!: string;

  @ApiProperty({ description: 'Si es la que vale hoy.', example: true })
  inForce!: boolean;

  @ApiProperty({ type: [String], example: ['es-MX', 'en'] })
  languages!: string[];
}

export class MenuView extends MenuVersion {
  @ApiProperty({ type: [MenuLanguageContent] })
  declare content: MenuLanguageContent[];
}

export class MenuOverview {
  @ApiProperty({
    type: MenuView,
    nullable: true,
    description: 'El que vale hoy; null = la institución no ha publicado ninguno y el chat usa el general.',
  })
  current!: MenuView | null;

  @ApiProperty({ type: [MenuVersion], description: 'Todas las versiones, la más nueva primero.' })
  versions!: MenuVersion[];
}

export class PreviewOption {
  @ApiProperty({ example: '1. Requisitos' })
  title!: string;

  @ApiPropertyOptional({ example: 'Qué documentos necesitas' })
  description?: string;
}

export class PreviewAnswer {
  @ApiProperty({ enum: ['text', 'buttons', 'list', 'document', 'location'], example: 'list' })
  kind!: 'text' | 'buttons' | 'list' | 'document' | 'location';

  @ApiProperty({ example: 'Hola. ¿Qué necesitas?' })
  text!: string;

  @ApiProperty({ type: [PreviewOption] })
  options!: PreviewOption[];
}

export class PreviewTurn {
  @ApiProperty({ example: 'hola' })
  said!: string;

  @ApiProperty({ type: [PreviewAnswer], description: 'Vacío: el chat no contesta a eso.' })
  answers!: PreviewAnswer[];
}

export class MenuPreview {
  @ApiProperty({ type: [PreviewTurn] })
  turns!: PreviewTurn[];

  @ApiProperty({
    type: 'integer',
    description: 'Mensajes nuestros, que la plataforma puede cobrar.',
    example: 3,
  })
  messages!: number;
}
