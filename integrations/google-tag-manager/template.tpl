___INFO___

{
  "type": "TAG",
  "id": "cvt_temp_public_id",
  "version": 1,
  "securityGroups": [],
  "displayName": "expedit",
  "categories": ["PERSONALIZATION", "ANALYTICS"],
  "brand": {
    "id": "brand_dummy",
    "displayName": "expedit"
  },
  "description": "Loads the snippet of your own expedit: events from the data layer once the visitor allows it, and recommendations in the spots of your pages.",
  "containerContexts": ["WEB"]
}


___TEMPLATE_PARAMETERS___

[
  {
    "type": "TEXT",
    "name": "endpoint",
    "displayName": "Address of expedit",
    "simpleValueType": true,
    "help": "Where your expedit answers, without a slash at its end: https://e.your-shop.se",
    "valueValidators": [
      {
        "type": "NON_EMPTY"
      },
      {
        "type": "REGEX",
        "args": ["https://[a-zA-Z0-9.-]+(:[0-9]+)?(/[a-zA-Z0-9._~/-]*)?"],
        "errorMessage": "Must begin with https:// and have no query."
      }
    ]
  },
  {
    "type": "TEXT",
    "name": "writeKey",
    "displayName": "Write key",
    "simpleValueType": true,
    "help": "The public write key of the source \"web\"; expedit init prints it.",
    "valueValidators": [
      {
        "type": "NON_EMPTY"
      },
      {
        "type": "REGEX",
        "args": ["[a-zA-Z0-9_-]+"],
        "errorMessage": "A write key holds letters, digits, - and _ only."
      }
    ]
  },
  {
    "type": "TEXT",
    "name": "market",
    "displayName": "Market",
    "simpleValueType": true,
    "help": "As SE. Empty: the shop's first market. A variable may tell it for each page."
  },
  {
    "type": "TEXT",
    "name": "locale",
    "displayName": "Language",
    "simpleValueType": true,
    "help": "As sv. Empty: the language that the page says."
  },
  {
    "type": "RADIO",
    "name": "consent",
    "displayName": "Who tells what the visitor allows",
    "radioItems": [
      {
        "value": "mode",
        "displayValue": "Google consent mode of this container"
      },
      {
        "value": "platform",
        "displayValue": "Cookiebot, Usercentrics, Cookie Information or IAB TCF on the page"
      },
      {
        "value": "page",
        "displayValue": "The page itself, by expedit.consent(…)"
      }
    ],
    "simpleValueType": true,
    "defaultValue": "mode"
  }
]


___SANDBOXED_JS_FOR_WEB_TEMPLATE___

const addConsentListener = require('addConsentListener');
const createQueue = require('createQueue');
const encodeUriComponent = require('encodeUriComponent');
const injectScript = require('injectScript');
const isConsentGranted = require('isConsentGranted');

const push = createQueue('expedit');
const root = data.endpoint.charAt(data.endpoint.length - 1) === '/' ? data.endpoint.slice(0, -1) : data.endpoint;

let address = root + '/expedit.js?writeKey=' + encodeUriComponent(data.writeKey);
if (data.market) address += '&market=' + encodeUriComponent(data.market);
if (data.locale) address += '&locale=' + encodeUriComponent(data.locale);

// The types of consent mode, and what each means here. Without an answer nothing is said, and expedit waits.
const PURPOSES = {
  analytics_storage: 'analytics',
  personalization_storage: 'personalization'
};

const tell = () => {
  const answers = {};
  for (let type in PURPOSES) answers[PURPOSES[type]] = isConsentGranted(type);
  push(['consent', answers]);
};

if (data.consent === 'mode') {
  // A default that denies is no answer; the first word that counts is yes, or a change.
  if (isConsentGranted('analytics_storage') || isConsentGranted('personalization_storage')) tell();
  for (let type in PURPOSES) addConsentListener(type, tell);
}

if (data.consent === 'platform') {
  injectScript(root + '/expedit-consent.js', () => {}, () => {}, 'expedit-consent');
}

injectScript(address, data.gtmOnSuccess, data.gtmOnFailure, 'expedit');


___WEB_PERMISSIONS___

[
  {
    "instance": {
      "key": {
        "publicId": "access_consent",
        "versionId": "1"
      },
      "param": [
        {
          "key": "consentTypes",
          "value": {
            "type": 2,
            "listItem": [
              {
                "type": 3,
                "mapKey": [
                  {"type": 1, "string": "consentType"},
                  {"type": 1, "string": "read"},
                  {"type": 1, "string": "write"}
                ],
                "mapValue": [
                  {"type": 1, "string": "analytics_storage"},
                  {"type": 8, "boolean": true},
                  {"type": 8, "boolean": false}
                ]
              },
              {
                "type": 3,
                "mapKey": [
                  {"type": 1, "string": "consentType"},
                  {"type": 1, "string": "read"},
                  {"type": 1, "string": "write"}
                ],
                "mapValue": [
                  {"type": 1, "string": "personalization_storage"},
                  {"type": 8, "boolean": true},
                  {"type": 8, "boolean": false}
                ]
              }
            ]
          }
        }
      ]
    },
    "clientAnnotations": {
      "isEditedByUser": true
    },
    "isRequired": true
  },
  {
    "instance": {
      "key": {
        "publicId": "access_globals",
        "versionId": "1"
      },
      "param": [
        {
          "key": "keys",
          "value": {
            "type": 2,
            "listItem": [
              {
                "type": 3,
                "mapKey": [
                  {"type": 1, "string": "key"},
                  {"type": 1, "string": "read"},
                  {"type": 1, "string": "write"},
                  {"type": 1, "string": "execute"}
                ],
                "mapValue": [
                  {"type": 1, "string": "expedit"},
                  {"type": 8, "boolean": true},
                  {"type": 8, "boolean": true},
                  {"type": 8, "boolean": false}
                ]
              }
            ]
          }
        }
      ]
    },
    "clientAnnotations": {
      "isEditedByUser": true
    },
    "isRequired": true
  },
  {
    "instance": {
      "key": {
        "publicId": "inject_script",
        "versionId": "1"
      },
      "param": [
        {
          "key": "urls",
          "value": {
            "type": 2,
            "listItem": [
              {"type": 1, "string": "https://*/*"}
            ]
          }
        }
      ]
    },
    "clientAnnotations": {
      "isEditedByUser": true
    },
    "isRequired": true
  }
]


___TESTS___

scenarios:
- name: Loads the snippet with its settings in the address
  code: |-
    runCode({endpoint: 'https://e.shop.se/', writeKey: 'wk_1', market: 'SE', locale: 'sv', consent: 'page'});
    assertApi('injectScript').wasCalledWith('https://e.shop.se/expedit.js?writeKey=wk_1&market=SE&locale=sv', success, failure, 'expedit');
    assertApi('addConsentListener').wasNotCalled();
- name: Says nothing of consent while it is denied
  code: |-
    mock('isConsentGranted', false);
    runCode({endpoint: 'https://e.shop.se', writeKey: 'wk_1', consent: 'mode'});
    assertThat(said.length).isEqualTo(0);
    assertApi('addConsentListener').wasCalled();
- name: Hands consent on when it is granted
  code: |-
    mock('isConsentGranted', type => type === 'analytics_storage');
    runCode({endpoint: 'https://e.shop.se', writeKey: 'wk_1', consent: 'mode'});
    assertThat(said).isEqualTo([['consent', {analytics: true, personalization: false}]]);
- name: Loads the reader of consent platforms
  code: |-
    runCode({endpoint: 'https://e.shop.se', writeKey: 'wk_1', consent: 'platform'});
    assertApi('injectScript').wasCalled();
setup: |-
  const said = [];
  const success = () => {};
  const failure = () => {};
  mock('createQueue', () => call => said.push(call));
  mock('addConsentListener', () => {});
  mock('injectScript', () => {});


___NOTES___

The snippet reads the data layer by itself, so this tag fires once, on Initialization or All Pages.
