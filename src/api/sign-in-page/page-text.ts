// The words of the sign-in page in both languages.

import type { Language } from "../language.ts";

const ENGLISH = {
  title: "Sign in to Straitway",
  email: "E-mail address",
  password: "Password",
  newPassword: "New password, at least 12 characters",
  next: "Continue",
  orPasskey: "Sign in with a passkey",
  orSso: "Sign in with",
  secondFactor: "Show your second factor",
  code: "Code of your authenticator app",
  recoveryCode: "Recovery code, for a lost device",
  usePasskey: "Use a passkey",
  enrol: "Set up a second factor",
  enrolHow: "Add this key to an authenticator app, then type the code that it shows.",
  secretKey: "Key for the app",
  openApp: "Open in an app on this device",
  orAddPasskey: "Or add a passkey of this device",
  addPasskey: "Add a passkey",
  recoveryCodes: "Keep these recovery codes",
  recoveryHow:
    "Each opens the way to a new second factor, once, if you lose your device. They are shown now only.",
  kept: "I have kept them",
  invitation: "Set your password",
  signedIn: "You are signed in",
  as: "as",
  reference: "API reference",
  signOut: "Sign out",
  beginAnew: "Begin anew",
  passkeyFailed: "The passkey was not taken. Try again, or use another way.",
};

type Words = Readonly<Record<keyof typeof ENGLISH, string>>;

const CHINESE: Words = {
  title: "登录 Straitway",
  email: "邮箱地址",
  password: "密码",
  newPassword: "新密码，至少 12 个字符",
  next: "继续",
  orPasskey: "使用通行密钥登录",
  orSso: "使用企业账号登录：",
  secondFactor: "验证第二因素",
  code: "验证器应用中的验证码",
  recoveryCode: "恢复码（设备丢失时使用）",
  usePasskey: "使用通行密钥",
  enrol: "设置第二因素",
  enrolHow: "将此密钥添加到验证器应用，然后输入应用显示的验证码。",
  secretKey: "应用密钥",
  openApp: "在本设备的应用中打开",
  orAddPasskey: "或添加本设备的通行密钥",
  addPasskey: "添加通行密钥",
  recoveryCodes: "请保存这些恢复码",
  recoveryHow: "设备丢失时，每个恢复码可使用一次，用于重新设置第二因素。仅在此时显示。",
  kept: "我已保存",
  invitation: "设置密码",
  signedIn: "您已登录",
  as: "角色：",
  reference: "API 参考",
  signOut: "退出登录",
  beginAnew: "重新开始",
  passkeyFailed: "通行密钥未通过验证。请重试或使用其他方式。",
};

export function wordsOf(language: Language): Words {
  return language === "zh-CN" ? CHINESE : ENGLISH;
}
