import { describe, expect, it } from "vitest";
import { webhookPoster } from "./post-webhook.ts";
import { DEFAULT_WEBHOOK_SETTINGS, webhookSettings } from "./settings.ts";
import { AddressRefused, addressRule, guardedLookup, readEndpointUrl } from "./target-guard.ts";
import { LOCAL } from "./test-webhooks.ts";

function codeOf(url: string, settings = DEFAULT_WEBHOOK_SETTINGS): string {
  const read = readEndpointUrl(url, settings);
  return read.ok ? read.value : read.refusal.code;
}

describe("an endpoint's URL", () => {
  it("is HTTPS to a name or a public address", () => {
    expect(codeOf("https://hooks.example.com/in?x=1")).toBe("https://hooks.example.com/in?x=1");
    expect(codeOf("https://8.8.8.8:8443/")).toBe("https://8.8.8.8:8443/");
    expect(codeOf("https://[2606:4700::1111]/")).toBe("https://[2606:4700::1111]/");
  });

  it.each([
    ["http://hooks.example.com/", "webhook-url-insecure"],
    ["ftp://hooks.example.com/", "webhook-url-invalid"],
    ["hooks.example.com", "webhook-url-invalid"],
    ["https://user:word@hooks.example.com/", "webhook-url-invalid"],
    ["https://hooks.example.com/#part", "webhook-url-invalid"],
    [`https://hooks.example.com/${"x".repeat(2048)}`, "webhook-url-invalid"],
    ["https://localhost/", "webhook-url-not-public"],
    ["https://127.0.0.1/", "webhook-url-not-public"],
    ["https://2130706433/", "webhook-url-not-public"],
    ["https://0x7f.1/", "webhook-url-not-public"],
    ["https://169.254.169.254/latest/meta-data", "webhook-url-not-public"],
    ["https://[::ffff:10.0.0.1]/", "webhook-url-not-public"],
    ["https://10.1.2.3/", "webhook-url-not-public"],
  ])("is not %s", (url, code) => {
    expect(codeOf(url)).toBe(code);
  });

  it("may be this machine, without TLS, where the settings say so", () => {
    expect(codeOf("http://127.0.0.1:9/in", LOCAL)).toBe("http://127.0.0.1:9/in");
    expect(codeOf("http://localhost:9/in", LOCAL)).toBe("http://localhost:9/in");
    expect(codeOf("http://hooks.example.com/", LOCAL)).toBe("webhook-url-insecure");
    expect(codeOf("https://10.1.2.3/", LOCAL)).toBe("webhook-url-not-public");
  });

  it("may be in a network of the institution's own that the settings name", () => {
    const settings = webhookSettings.parse({ allowedNetworks: ["10.20.0.0/16", "fd00:1::/32"] });
    expect(codeOf("https://10.20.3.4/", settings)).toBe("https://10.20.3.4/");
    expect(codeOf("https://[fd00:1::7]/", settings)).toBe("https://[fd00:1::7]/");
    expect(codeOf("https://10.21.3.4/", settings)).toBe("webhook-url-not-public");
    expect(codeOf("http://10.20.3.4/", settings)).toBe("webhook-url-insecure");
    for (const network of ["10.20.0.0/33", "10.20", "x/8", "10.0.0.0/8/8"])
      expect(webhookSettings.safeParse({ allowedNetworks: [network] }).success).toBe(false);
  });
});

describe("the address behind a name", () => {
  it.each([
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "64:ff9b::a00:1",
    "fc00::1",
    "fe80::1",
    "ff02::1",
    "2001:db8::1",
    "2002:a00:1::",
    "not an address",
  ])("is not public: %s", (address) => {
    expect(addressRule(DEFAULT_WEBHOOK_SETTINGS)(address)).toBe(false);
  });

  it.each(["1.1.1.1", "172.32.0.1", "192.0.3.1", "2606:4700::1111", "2400:3200::1"])(
    "is public: %s",
    (address) => {
      expect(addressRule(DEFAULT_WEBHOOK_SETTINGS)(address)).toBe(true);
    },
  );

  it("is looked at when it is connected to, and one that is not allowed refuses them all", async () => {
    const answers = [
      { address: "1.1.1.1", family: 4 },
      { address: "10.0.0.1", family: 4 },
    ];
    const lookup = guardedLookup(addressRule(DEFAULT_WEBHOOK_SETTINGS), ((
      _name: string,
      _options: object,
      give: (error: null, found: unknown) => void,
    ) => give(null, answers)) as never);
    const found = await new Promise((resolve) =>
      lookup("rebound.example.com", { all: true }, (error, addresses) =>
        resolve(error ?? addresses),
      ),
    );
    expect(found).toBeInstanceOf(AddressRefused);
    answers.pop();
    const one = await new Promise((resolve) =>
      lookup("fine.example.com", {}, (_error, address) => resolve(address)),
    );
    expect(one).toBe("1.1.1.1");
  });

  it("refuses the attempt where the name is this machine's, or the URL's address is private", async () => {
    const post = webhookPoster(DEFAULT_WEBHOOK_SETTINGS);
    for (const url of ["https://localhost:9/", "https://127.0.0.1:9/", "https://[::1]:9/"])
      expect(await post({ url, headers: {}, body: "{}" })).toEqual({
        kind: "failed",
        code: "address-refused",
      });
  });
});
