// What an operation takes and gives, read off its declaration.

import type { z } from "zod";
import type { OPERATIONS, OperationName } from "./operations.ts";

type Part<Route, Name extends string> = Route extends {
  readonly request: { readonly [Key in Name]: infer Schema extends z.ZodType };
}
  ? z.input<Schema>
  : never;

type JsonBody<Route> = Route extends {
  readonly request: {
    readonly body: {
      readonly content: { readonly "application/json": { readonly schema: infer Schema } };
    };
  };
}
  ? Schema extends z.ZodType
    ? z.input<Schema>
    : never
  : never;

/** Present with its type, required or not, or absent where the operation has none. */
type RequiredPart<Name extends string, Value> = [Value] extends [never]
  ? unknown
  : { readonly [Key in Name]: Value };
type OptionalPart<Name extends string, Value> = [Value] extends [never]
  ? unknown
  : { readonly [Key in Name]?: Value };

export type RouteOf<Name extends OperationName> = (typeof OPERATIONS)[Name];

/** A file to hand in. */
export type UploadedFile = { readonly name: string; readonly bytes: Uint8Array };

/** What the route takes, whoever calls it. */
export type RouteInput<Route> = RequiredPart<"params", Part<Route, "params">> &
  OptionalPart<"query", Part<Route, "query">> &
  RequiredPart<"json", JsonBody<Route>>;

export type InputOf<Name extends OperationName> = RouteInput<RouteOf<Name>> &
  (Name extends "createUpload" ? { readonly file: UploadedFile } : unknown) & {
    /** The `ETag` of what was read, where people edit. */
    readonly ifMatch?: string;
    /** Of an act; made anew for each call unless told. */
    readonly idempotencyKey?: string;
  };

type Success = 200 | 201 | 202;
type JsonOf<Answer> = Answer extends {
  readonly content: { readonly "application/json": { readonly schema: infer Schema } };
}
  ? Schema extends z.ZodType
    ? z.output<Schema>
    : never
  : never;

/** What the route answers with when it succeeds; `never` where that has no body. */
export type RouteOutput<Route> = Route extends { readonly responses: infer Answers }
  ? { [Status in keyof Answers & Success]: JsonOf<Answers[Status]> }[keyof Answers & Success]
  : never;

export type OutputOf<Name extends OperationName> = RouteOutput<RouteOf<Name>>;

/** The operations that give pages, and what a page holds. */
export type ItemOf<Name extends OperationName> =
  OutputOf<Name> extends { data: (infer Item)[]; nextCursor: string | null } ? Item : never;
export type ListName = {
  [Name in OperationName]: [ItemOf<Name>] extends [never] ? never : Name;
}[OperationName];
