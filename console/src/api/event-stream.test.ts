import { describe, expect, it } from "vitest";
import { eventReader } from "./event-stream.ts";

describe("the reader of the event stream", () => {
  it("gives whole events only, however the text is cut", () => {
    const take = eventReader();
    const text =
      'id: evt_1\nevent: payout.released\ndata: {"a":1}\n\n: \n\nid: evt_2\ndata: x\ndata: y\n\n';
    const events = text.split("").flatMap((character) => take(character));
    expect(events).toEqual([
      { id: "evt_1", type: "payout.released", data: '{"a":1}' },
      { id: "evt_2", type: "message", data: "x\ny" },
    ]);
    expect(take("id: evt_3\ndata: half")).toEqual([]);
  });
});
