import { PasswordField, TextField } from '../../ui/field.tsx';

interface AccountFieldsProps {
  username: string;
  password: string;
  errors: Record<string, string>;
  onUsername: (value: string) => void;
  onPassword: (value: string) => void;
  /** A new account, or one that exists: tells password managers what to do. */
  fresh: boolean;
  focus?: 'username' | 'password';
}

/** User name and password, the same on every page that asks for them. */
export function AccountFields({
  username,
  password,
  errors,
  onUsername,
  onPassword,
  fresh,
  focus,
}: AccountFieldsProps) {
  return (
    <>
      <TextField
        label="User name"
        name="username"
        autocomplete="username"
        autocapitalize="none"
        spellcheck={false}
        required
        autofocus={focus === 'username'}
        value={username}
        onValue={onUsername}
        error={errors['username']}
        hint={fresh ? 'Letters, digits and . _ @ + - without spaces.' : undefined}
      />
      <PasswordField
        label="Password"
        name="password"
        autocomplete={fresh ? 'new-password' : 'current-password'}
        required
        autofocus={focus === 'password'}
        value={password}
        onValue={onPassword}
        error={errors['password']}
        hint={fresh ? 'A few words work well.' : undefined}
      />
    </>
  );
}
