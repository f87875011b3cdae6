// antd's tokens, from the same values as console.css, so that its parts and ours look like one.

import { type ThemeConfig, theme } from "antd";

type Colours = {
  readonly accent: string;
  readonly ink: string;
  readonly muted: string;
  readonly page: string;
  readonly card: string;
  readonly line: string;
  readonly strong: string;
  readonly good: string;
  readonly warn: string;
  readonly bad: string;
  readonly info: string;
};

const LIGHT: Colours = {
  accent: "#0b5c4d",
  ink: "#17212b",
  muted: "#55626d",
  page: "#f4f6f7",
  card: "#ffffff",
  line: "#dde2e6",
  strong: "#7d8891",
  good: "#1b6b3a",
  warn: "#8a5000",
  bad: "#b3261e",
  info: "#1f5a9c",
};

const DARK: Colours = {
  accent: "#5cc0a8",
  ink: "#e6ebee",
  muted: "#a3afb8",
  page: "#0f1417",
  card: "#171e23",
  line: "#2c373f",
  strong: "#75828c",
  good: "#6cc98c",
  warn: "#f0b45a",
  bad: "#ff8a80",
  info: "#86b7f0",
};

export function antdTheme(isDark: boolean): ThemeConfig {
  const colours = isDark ? DARK : LIGHT;
  const onAccent = isDark ? "#06221c" : "#ffffff";
  return {
    algorithm: [isDark ? theme.darkAlgorithm : theme.defaultAlgorithm, theme.compactAlgorithm],
    token: {
      colorPrimary: colours.accent,
      colorInfo: colours.info,
      colorSuccess: colours.good,
      colorWarning: colours.warn,
      colorError: colours.bad,
      colorLink: colours.accent,
      colorTextBase: colours.ink,
      colorTextSecondary: colours.muted,
      colorTextTertiary: colours.muted,
      colorTextDescription: colours.muted,
      colorTextPlaceholder: colours.muted,
      colorTextLightSolid: onAccent,
      colorBgBase: colours.card,
      colorBgLayout: colours.page,
      colorBgContainer: colours.card,
      colorBorder: colours.strong,
      colorBorderSecondary: colours.line,
      borderRadius: 6,
      fontSize: 14,
      controlHeight: 32,
      fontFamily: "var(--font)",
      motion: !globalThis.matchMedia?.("(prefers-reduced-motion: reduce)").matches,
    },
    components: {
      Button: { primaryColor: onAccent, dangerColor: isDark ? "#2a0a08" : "#ffffff" },
      Modal: { contentBg: colours.card, headerBg: colours.card },
    },
  };
}
