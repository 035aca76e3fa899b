// Passkeys: a form whose hidden field is filled by the browser's own dialog, then sent as any other.
//
// data-passkey: "add" makes one, "give" proves one; both with options in the script element that data-options names.
// "sign-in" fetches its options from the form's own address, without knowing yet who it is.
import { toast, word } from './page.js';

const bytes = (text) => {
  const plain = atob(text.replace(/-/g, '+').replace(/_/g, '/'));
  return Uint8Array.from(plain, (sign) => sign.charCodeAt(0));
};

const text = (buffer) => {
  if (!buffer) return null;
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
};

const known = (list) => list?.map((each) => ({ ...each, id: bytes(each.id) }));

function asCreation(options, passwordless) {
  const wanted = {
    ...options,
    challenge: bytes(options.challenge),
    user: { ...options.user, id: bytes(options.user.id) },
    excludeCredentials: known(options.excludeCredentials),
  };
  if (passwordless) {
    const how = { residentKey: 'required', requireResidentKey: true, userVerification: 'required' };
    wanted.authenticatorSelection = { ...wanted.authenticatorSelection, ...how };
  }
  return wanted;
}

function asWritten(credential) {
  const { response } = credential;
  const said = { clientDataJSON: text(response.clientDataJSON) };
  if (response.attestationObject) {
    said.attestationObject = text(response.attestationObject);
    said.transports = response.getTransports?.() ?? [];
  } else {
    said.authenticatorData = text(response.authenticatorData);
    said.signature = text(response.signature);
    said.userHandle = text(response.userHandle);
  }
  return JSON.stringify({
    type: credential.type,
    id: credential.id,
    rawId: text(credential.rawId),
    authenticatorAttachment: credential.authenticatorAttachment ?? null,
    response: said,
    clientExtensionResults: credential.getClientExtensionResults(),
  });
}

async function optionsOf(form) {
  if (form.dataset.passkey === 'sign-in') {
    const answer = await fetch(form.action, { headers: { Accept: 'application/json' } });
    return (await answer.json()).request_options.publicKey;
  }
  const given = JSON.parse(document.getElementById(form.dataset.options).textContent);
  return (given.creation_options ?? given.request_options).publicKey;
}

async function credentialFor(form) {
  const options = await optionsOf(form);
  if (form.dataset.passkey === 'add') {
    const passwordless = form.elements.passwordless?.checked ?? false;
    return navigator.credentials.create({ publicKey: asCreation(options, passwordless) });
  }
  const wanted = { ...options, challenge: bytes(options.challenge), allowCredentials: known(options.allowCredentials) };
  return navigator.credentials.get({ publicKey: wanted });
}

export function start(form) {
  if (!window.PublicKeyCredential || form.dataset.started) return;
  form.dataset.started = '1';
  // Without a browser that can do it there is no button.
  form.closest('[data-passkey-part]')?.removeAttribute('hidden');
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    try {
      form.elements.credential.value = asWritten(await credentialFor(form));
      form.submit();
    } catch {
      // The person closed the dialog, or the device has no passkey for this place.
      toast(word('passkey'), { tone: 'red' });
    }
  });
}
