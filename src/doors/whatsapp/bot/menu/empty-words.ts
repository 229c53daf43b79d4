import { soundsOf } from '../language/sounds.js';

/** Words of questions that tell nothing of their subject, by their sounds. */
export const EMPTY: ReadonlySet<string> = new Set(
  soundsOf(
    `a aca ahi ahora al algo alguien alguna alguno alla an aqui are asi aun aver ay ayuda ayudan ayudar ayuden bien buen buena buenas
    buenisimo bueno buenos cada can como con conocer cosa could cual cuales cuando cuanta cuantas cuanto cuantos d da dan dar datos de
    deseamos deseo desde del dia dias dicen did diga digame digan dijeron dijo dime disculpa disculpe disculpen do does donde dos duda
    dudas e el ella ellos en entre era eres es esa ese eso esta estaba estan estas este esto estoy estuve estimados favor fue get gracias
    gusta gustaria ha haber habia hablar hace hacen hacer hacerle hago han has hasta have hay hello help hi hola how hoy i in info
    informacion information informes interesa ir is it jaja jeje joven k know la las le les lo los many mas me mi mis molestia much mucha
    muchas mucho muchos muy my nada necesitamos necesito need ni no noches nos o ocupamos ocupo of oiga on or otra otro oye pa para pero
    please poder podre podria podrian por porfa porfavor porque pq pregunta preguntar ps puede pueden puedes puedo pues q que quien quienes
    quiere quiero quisiera quisieramos represento saber se sea senor senora senorita ser sera seria should si sin sobre solicito solo some
    somos son soy su sus tal tambien tarde tardes te tell tengo thanks that the there this ti tiene tienen tienes to toda todas todo todos
    tu tus uds un una uno unas unos usted ustedes va van vas veces vez vine voy want we what when where which who with would x xfa xq y ya
    yo you your about any and for`,
  ),
);
