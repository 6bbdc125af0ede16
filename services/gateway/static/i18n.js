// What the page says, in the reader's language.

const WORDS = {
  en: {
    skip: "Skip to the message field", fresh: "New conversation", log: "Conversation", typing: "The bot is typing",
    message: "Message", photo: "Add a photo", send: "Send", stop: "Stop the answer", removePhoto: "Remove photo",
    connecting: "Connecting…", connected: "", lost: "Connection lost. Trying again…", offline: "You are offline",
    again: "Not sent. Try again", tooLarge: "This photo is over 10 MB. Please choose a smaller one.",
    notPicture: "This file is no picture.", dropped: "Too many messages at once. Please wait for the answers.",
    down: "Messages cannot be taken in right now. Try again in a moment.", stopped: "Stopped", you: "You",
    copy: "Copy", copied: "Copied", photoOf: "Photo of {name}", percent: "{percent} percent alike", yourPhoto: "Your photo",
  },
  "zh-Hant": {
    skip: "跳到訊息欄", fresh: "新對話", log: "對話", typing: "機器人正在輸入",
    message: "訊息", photo: "加入照片", send: "送出", stop: "停止回答", removePhoto: "移除照片",
    connecting: "連線中…", connected: "", lost: "連線中斷，正在重試…", offline: "您目前離線",
    again: "未送出，再試一次", tooLarge: "照片超過 10 MB，請選小一點的。",
    notPicture: "這個檔案不是圖片。", dropped: "訊息太多了，請等待回覆。",
    down: "現在無法接收訊息，請稍後再試。", stopped: "已停止", you: "您",
    copy: "複製", copied: "已複製", photoOf: "{name}的照片", percent: "相似度百分之 {percent}", yourPhoto: "您的照片",
  },
  "zh-Hans": {
    skip: "跳到消息栏", fresh: "新对话", log: "对话", typing: "机器人正在输入",
    message: "消息", photo: "添加照片", send: "发送", stop: "停止回答", removePhoto: "移除照片",
    connecting: "连接中…", connected: "", lost: "连接中断，正在重试…", offline: "您目前离线",
    again: "未发送，再试一次", tooLarge: "照片超过 10 MB，请选小一点的。",
    notPicture: "这个文件不是图片。", dropped: "消息太多了，请等待回复。",
    down: "现在无法接收消息，请稍后再试。", stopped: "已停止", you: "您",
    copy: "复制", copied: "已复制", photoOf: "{name}的照片", percent: "相似度百分之 {percent}", yourPhoto: "您的照片",
  },
};

export function language(tag = navigator.language) {
  if (!/^zh\b/i.test(tag)) return "en";
  return /hant|tw|hk|mo/i.test(tag) ? "zh-Hant" : "zh-Hans";
}

const words = WORDS[language()];

export function say(key, values = {}) {
  return words[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

export function translate(root) {
  document.documentElement.lang = language();
  for (const node of root.querySelectorAll("[data-i18n]")) node.textContent = say(node.dataset.i18n);
  for (const node of root.querySelectorAll("[data-i18n-label]")) {
    node.setAttribute("aria-label", say(node.dataset.i18nLabel));
    if (node.title) node.title = say(node.dataset.i18nLabel);
  }
  for (const node of root.querySelectorAll("[data-i18n-placeholder]")) node.placeholder = say(node.dataset.i18nPlaceholder);
}
